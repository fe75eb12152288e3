import { BadRequestException, ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DurableRunner, type ResultsOf, type RunSnapshot } from '../../lib/index.js';
import { StockService } from '../stock/stock.service.js';
import { APPROVAL_SIGNAL, DECISION_ID, type Approval } from './approval.js';
import { OrderBook, type OrderFilter } from './order-book.service.js';
import { OrderEntity } from './order.entity.js';
import type { Order } from './order.interface.js';
import { OrderWorkflow } from './order.workflow.js';

/** What the shop offers to the outside: placing, watching and canceling orders. */
@Injectable()
export class OrdersService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly runner: DurableRunner,
    private readonly orders: OrderBook,
    private readonly stock: StockService,
  ) {}

  /**
   * Writes the order and starts its run in one transaction: there is never one without the other. The order's id is the
   * idempotency key, so a client that repeats a request whose answer it lost gets the order that it placed.
   *
   * @throws IdempotencyConflictError when the id belongs to an order with another content.
   */
  async place(order: Order): Promise<{ created: boolean; order: OrderEntity }> {
    const unknown = await this.stock.unknown(order.lines.map((line) => line.sku));
    if (unknown.length > 0) throw new BadRequestException(unknown.map((sku) => `there is no article ${sku}`));

    const created = await this.dataSource.transaction(async (manager) => {
      const run = await this.runner.start(OrderWorkflow, order, { idempotencyKey: order.id, manager });
      if (run.created) await this.orders.open(manager, order, run.id);
      return run.created;
    });
    return { created, order: await this.get(order.id) };
  }

  async watch(id: string): Promise<{ order: OrderEntity; run: RunSnapshot }> {
    const order = await this.get(id);
    return { order, run: await this.runner.find(order.runId, { children: true }) };
  }

  list(filter: OrderFilter): Promise<OrderEntity[]> {
    return this.orders.page(filter);
  }

  async journal(id: string) {
    const order = await this.get(id);
    return this.runner.journal(order.runId);
  }

  /**
   * Approves or refuses a large order, for good: the first decision counts. One that comes before the order waits for it
   * is kept until then.
   *
   * @throws RunNotFoundError when there is no such order.
   * @throws ConflictException when the order was decided on, or never had to be.
   */
  async decide(id: string, decision: Approval): Promise<OrderEntity> {
    const target = { workflow: OrderWorkflow, idempotencyKey: id };
    const { accepted } = await this.runner.signal(target, APPROVAL_SIGNAL, decision, { id: DECISION_ID });
    const order = await this.get(id);
    if (accepted) return order;
    const { approval } = (await this.runner.find<ResultsOf<OrderWorkflow>>(order.runId)).results;
    if (approval !== undefined) throw new ConflictException(`order ${id} does not wait for an approval`);
    return order;
  }

  /**
   * Undoes what was done and closes the order. Repeating the call is harmless.
   *
   * @throws ConflictException when the order is on its way, or was rejected.
   */
  async cancel(id: string, reason: string): Promise<OrderEntity> {
    const { runId } = await this.get(id);
    const inTime = await this.orders.requestCancel(id);
    if (inTime) {
      const { status } = await this.runner.cancel(runId, reason);
      // A run that had done nothing yet is canceled on the spot, so no compensation closes the order.
      if (status === 'canceled') await this.orders.close(this.dataSource.manager, id);
    }
    const order = await this.get(id);
    if (!inTime && order.status !== 'canceled') {
      throw new ConflictException(`order ${id} is ${order.status} and cannot be canceled any more`);
    }
    return order;
  }

  async get(id: string): Promise<OrderEntity> {
    const order = await this.orders.find(id);
    if (order === null) throw new NotFoundException(`there is no order ${id}`);
    return order;
  }
}

import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DurableRunner, isTerminal, type ResultsOf } from '../../lib/index.js';
import type { OrderWorkflow } from '../orders/order.workflow.js';
import { OrdersService } from '../orders/orders.service.js';
import { ReturnBook } from './return-book.service.js';
import { ReturnEntity } from './return.entity.js';
import { ReturnWorkflow, type Outcome } from './return.workflow.js';

/** What the shop offers around returns. */
@Injectable()
export class ReturnsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly runner: DurableRunner,
    private readonly orders: OrdersService,
    private readonly returns: ReturnBook,
  ) {}

  /**
   * Writes the return and starts its run in one transaction. The order's id is the idempotency key, so there is one
   * return an order, however often it is asked for.
   *
   * @throws ConflictException when the order is not with the customer.
   * @throws IdempotencyConflictError when the order's return has another reason.
   */
  async request(orderId: string, reason: string): Promise<{ created: boolean; found: ReturnEntity }> {
    const { status, email, runId } = await this.orders.get(orderId);
    if (status !== 'delivered' && status !== 'returned') {
      throw new ConflictException(`order ${orderId} is ${status}: only a delivered order can be returned`);
    }
    const { charge } = (await this.runner.find<ResultsOf<OrderWorkflow>>(runId)).results;
    const request = { orderId, email, paymentId: charge!.paymentId, reason };
    const created = await this.dataSource.transaction(async (manager) => {
      const run = await this.runner.start(ReturnWorkflow, request, { idempotencyKey: orderId, manager });
      if (run.created) await this.returns.open(manager, orderId, run.id, reason);
      return run.created;
    });
    return { created, found: await this.get(orderId) };
  }

  /**
   * Tells the return what became of it. What comes first counts; a repetition of it is harmless.
   *
   * @throws RunNotFoundError when nobody asked for a return.
   * @throws ConflictException when the return is over.
   */
  async decide(orderId: string, { signal, payload }: Outcome): Promise<ReturnEntity> {
    const target = { workflow: ReturnWorkflow, idempotencyKey: orderId };
    const { accepted, status } = await this.runner.signal(target, signal, payload, { id: signal });
    if (!accepted && isTerminal(status)) throw new ConflictException(`the return of order ${orderId} is over`);
    return this.get(orderId);
  }

  async get(orderId: string): Promise<ReturnEntity> {
    const found = await this.returns.find(orderId);
    if (found === null) throw new NotFoundException(`nobody asked to return order ${orderId}`);
    return found;
  }
}

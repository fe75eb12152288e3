import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, IsNull, LessThan, type EntityManager } from 'typeorm';
import { NonRetryableError } from '../../lib/index.js';
import { OrderEntity, type OrderStatus } from './order.entity.js';
import type { Order } from './order.interface.js';

const OPEN: readonly OrderStatus[] = ['placed', 'accepted'];

export interface OrderFilter {
  readonly status?: OrderStatus;
  /** Keyset: orders older than the one with this run. */
  readonly before?: string;
  readonly limit: number;
}

/**
 * The read model. Every change restates the status that it starts from, so that repeating one, or making one too late,
 * changes nothing.
 */
@Injectable()
export class OrderBook {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async open(manager: EntityManager, order: Order, runId: string): Promise<void> {
    const { id, email, delivery, lines } = order;
    await manager.insert(OrderEntity, { id, runId, email, delivery, lines: [...lines], status: 'placed' });
  }

  async accept(manager: EntityManager, id: string, totalCents: number): Promise<void> {
    await manager.update(
      OrderEntity,
      { id, status: 'placed' },
      { status: 'accepted', totalCents, updatedAt: () => 'now()' },
    );
  }

  /**
   * From here on the order can be returned, but not canceled: a cancellation that came first wins.
   *
   * @throws NonRetryableError when one did.
   */
  async confirm(manager: EntityManager, id: string, trackingCode: string): Promise<void> {
    const confirmed = await manager.update(
      OrderEntity,
      { id, status: 'accepted', cancelRequestedAt: IsNull() },
      { status: 'confirmed', trackingCode, updatedAt: () => 'now()' },
    );
    if (confirmed.affected !== 1) throw new NonRetryableError(`order ${id} is being canceled`);
  }

  /** Goes on along the way that every confirmed order takes. */
  async advance(manager: EntityManager, id: string, from: OrderStatus, to: OrderStatus): Promise<void> {
    await manager.update(OrderEntity, { id, status: from }, { status: to, updatedAt: () => 'now()' });
  }

  /**
   * Notes that the customer wants the order canceled; what has to be undone first is the workflow's business.
   *
   * @returns false when it is too late.
   */
  async requestCancel(id: string): Promise<boolean> {
    const requested = await this.dataSource
      .getRepository(OrderEntity)
      .update({ id, status: In([...OPEN]) }, { cancelRequestedAt: () => 'coalesce(cancel_requested_at, now())' });
    return requested.affected === 1;
  }

  /**
   * Ends an order whose run is undone: as lost when it was on its way, as canceled when the customer asked for it, as
   * rejected otherwise.
   *
   * @returns whether it was open.
   */
  async close(manager: EntityManager, id: string): Promise<boolean> {
    const closed = await manager.update(
      OrderEntity,
      { id, status: In([...OPEN, 'confirmed']) },
      {
        status: () => `case when status = 'confirmed' then 'lost'
                            when cancel_requested_at is null then 'rejected' else 'canceled' end`,
        updatedAt: () => 'now()',
      },
    );
    return closed.affected === 1;
  }

  find(id: string): Promise<OrderEntity | null> {
    return this.dataSource.getRepository(OrderEntity).findOneBy({ id });
  }

  /** Newest first. */
  page({ status, before, limit }: OrderFilter): Promise<OrderEntity[]> {
    return this.dataSource.getRepository(OrderEntity).find({
      where: { ...(status && { status }), ...(before && { runId: LessThan(before) }) },
      order: { runId: 'DESC' },
      take: limit,
    });
  }
}

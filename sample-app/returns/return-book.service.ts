import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OrderEntity } from '../orders/order.entity.js';
import { ReturnEntity, type ReturnStatus } from './return.entity.js';

/** The read model of returns. */
@Injectable()
export class ReturnBook {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async open(manager: EntityManager, orderId: string, runId: string, reason: string): Promise<void> {
    await manager.insert(ReturnEntity, { orderId, runId, reason, status: 'requested' });
  }

  /** Ends a return, and with a refund also the order's story. */
  async settle(manager: EntityManager, orderId: string, status: Exclude<ReturnStatus, 'requested'>): Promise<void> {
    await manager.update(ReturnEntity, { orderId, status: 'requested' }, { status, settledAt: () => 'now()' });
    if (status === 'refunded') {
      await manager.update(
        OrderEntity,
        { id: orderId, status: 'delivered' },
        { status: 'returned', updatedAt: () => 'now()' },
      );
    }
  }

  find(orderId: string): Promise<ReturnEntity | null> {
    return this.dataSource.getRepository(ReturnEntity).findOneBy({ orderId });
  }
}

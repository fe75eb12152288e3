import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Delivery } from '../shipping/carrier.js';
import type { StockLine } from '../stock/stock.service.js';

export const ORDER_STATUSES = [
  'placed',
  'accepted',
  'confirmed',
  'delivered',
  'returned',
  'lost',
  'rejected',
  'canceled',
] as const;

/**
 * `placed` → `accepted` → `confirmed` → `delivered`, and then perhaps `returned`. From the first two also `rejected` (its
 * run failed and was undone) or `canceled`, from `confirmed` also `lost` (on its way).
 */
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** What customers and the back office see of an order. The workflow's transactional steps keep it up to date. */
@Entity({ schema: 'shop', name: 'order', synchronize: false })
export class OrderEntity {
  @PrimaryColumn('text')
  id!: string;

  /** The run that carries the order out. UUIDv7: ascending with time, which is what the list is paged by. */
  @Column('uuid', { name: 'run_id', unique: true })
  runId!: string;

  @Column('text')
  status!: OrderStatus;

  @Column('text')
  email!: string;

  @Column('text')
  delivery!: Delivery;

  @Column('jsonb')
  lines!: readonly StockLine[];

  /** Known once the order is accepted. */
  @Column('integer', { name: 'total_cents', nullable: true })
  totalCents!: number | null;

  @Column('text', { name: 'tracking_code', nullable: true })
  trackingCode!: string | null;

  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt!: Date | null;

  @Column('timestamptz', { name: 'placed_at' })
  placedAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}

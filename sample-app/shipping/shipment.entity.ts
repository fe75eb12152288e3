import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { CarrierName } from './carrier.js';

/** The carriers' own book: a label, and the parcel that it is on. One row an idempotency key, as with payments. */
@Entity({ schema: 'shop', name: 'shipment', synchronize: false })
export class ShipmentEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text', { name: 'idempotency_key', unique: true })
  idempotencyKey!: string;

  @Column('text', { name: 'order_id' })
  orderId!: string;

  @Column('text')
  carrier!: CarrierName;

  @Column('text')
  address!: string;

  @Column('text', { name: 'tracking_code' })
  trackingCode!: string;

  /** How often a label was asked for under this key. */
  @Column('integer')
  calls!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'handed_over_at', nullable: true })
  handedOverAt!: Date | null;

  @Column('timestamptz', { name: 'canceled_at', nullable: true })
  canceledAt!: Date | null;
}

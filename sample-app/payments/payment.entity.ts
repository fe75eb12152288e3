import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export type PaymentStatus = 'pending' | 'captured' | 'declined' | 'refunded' | 'voided';

/** The payment provider's own book: one row an idempotency key, however often it is called with it. */
@Entity({ schema: 'shop', name: 'payment', synchronize: false })
export class PaymentEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text', { name: 'idempotency_key', unique: true })
  idempotencyKey!: string;

  @Column('text', { name: 'order_id' })
  orderId!: string;

  @Column('integer', { name: 'amount_cents' })
  amountCents!: number;

  @Column('text')
  status!: PaymentStatus;

  /** How often a charge was asked for under this key. */
  @Column('integer')
  calls!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}

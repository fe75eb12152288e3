import { Column, Entity, PrimaryColumn } from 'typeorm';

/** `requested` → `refunded`, or `kept` when the customer thinks again or sends nothing in time. */
export type ReturnStatus = 'requested' | 'refunded' | 'kept';

/** What customers and the back office see of a return: one an order. */
@Entity({ schema: 'shop', name: 'return', synchronize: false })
export class ReturnEntity {
  @PrimaryColumn('text', { name: 'order_id' })
  orderId!: string;

  @Column('uuid', { name: 'run_id', unique: true })
  runId!: string;

  @Column('text')
  reason!: string;

  @Column('text')
  status!: ReturnStatus;

  @Column('timestamptz', { name: 'requested_at' })
  requestedAt!: Date;

  @Column('timestamptz', { name: 'settled_at', nullable: true })
  settledAt!: Date | null;
}

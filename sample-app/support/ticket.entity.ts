import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A customer's question about an order, and its answer. */
@Entity({ schema: 'shop', name: 'ticket', synchronize: false })
export class TicketEntity {
  @PrimaryColumn('text')
  id!: string;

  @Column('uuid', { name: 'run_id', unique: true })
  runId!: string;

  @Column('text', { name: 'order_id' })
  orderId!: string;

  @Column('text')
  question!: string;

  @Column('text')
  status!: 'open' | 'answered';

  @Column('text', { nullable: true })
  answer!: string | null;

  @Column('timestamptz', { name: 'asked_at' })
  askedAt!: Date;

  @Column('timestamptz', { name: 'answered_at', nullable: true })
  answeredAt!: Date | null;
}

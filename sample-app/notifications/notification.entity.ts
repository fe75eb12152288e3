import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export type Channel = 'email' | 'sms';

/** A message to somebody: written here by a step's transaction for a mailer to send, or by the provider that sent it. */
@Entity({ schema: 'shop', name: 'notification', synchronize: false })
export class NotificationEntity {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column('text', { name: 'order_id' })
  orderId!: string;

  @Column('text')
  channel!: Channel;

  @Column('text')
  template!: string;

  @Column('text')
  recipient!: string;

  /** Of a message that was sent at once. */
  @Column('text', { name: 'idempotency_key', nullable: true, unique: true })
  idempotencyKey!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

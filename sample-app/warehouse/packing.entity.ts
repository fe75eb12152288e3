import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The warehouse's own book: a line of an order in its box. One row an idempotency key, as with payments. */
@Entity({ schema: 'shop', name: 'packing', synchronize: false })
export class PackingEntity {
  @PrimaryColumn('text', { name: 'idempotency_key' })
  idempotencyKey!: string;

  @Column('text', { name: 'order_id' })
  orderId!: string;

  @Column('text')
  sku!: string;

  @Column('integer')
  quantity!: number;

  @Column('text')
  box!: string;

  /** How often the line was asked to be packed under this key. */
  @Column('integer')
  calls!: number;

  @Column('timestamptz', { name: 'unpacked_at', nullable: true })
  unpackedAt!: Date | null;
}

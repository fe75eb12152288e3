import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an order took out of stock. `released_at` is set when it was put back. */
@Entity({ schema: 'shop', name: 'reservation', synchronize: false })
export class ReservationEntity {
  @PrimaryColumn('text', { name: 'order_id' })
  orderId!: string;

  @PrimaryColumn('text')
  sku!: string;

  @Column('integer')
  quantity!: number;

  @Column('timestamptz', { name: 'reserved_at' })
  reservedAt!: Date;

  @Column('timestamptz', { name: 'released_at', nullable: true })
  releasedAt!: Date | null;
}

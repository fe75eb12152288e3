import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One article: its price, and how many can still be reserved. */
@Entity({ schema: 'shop', name: 'stock', synchronize: false })
export class StockEntity {
  @PrimaryColumn('text')
  sku!: string;

  @Column('text')
  title!: string;

  @Column('integer', { name: 'price_cents' })
  priceCents!: number;

  @Column('integer')
  available!: number;
}

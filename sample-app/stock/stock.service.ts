import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, IsNull, type EntityManager } from 'typeorm';
import { NonRetryableError } from '../../lib/index.js';
import { InsufficientStockError } from './insufficient-stock.error.js';
import { ReservationEntity } from './reservation.entity.js';
import { StockEntity } from './stock.entity.js';

export interface StockLine {
  readonly sku: string;
  readonly quantity: number;
}

export interface PricedLine extends StockLine {
  readonly unitCents: number;
}

/** Articles, prices and reservations. Stock that an order reserved is gone for every other order at once. */
@Injectable()
export class StockService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The articles of `skus` that the shop does not have. */
  async unknown(skus: readonly string[]): Promise<string[]> {
    const known = await this.dataSource.getRepository(StockEntity).findBy({ sku: In([...skus]) });
    const found = new Set(known.map((article) => article.sku));
    return skus.filter((sku) => !found.has(sku));
  }

  /** @throws NonRetryableError when an article was taken out of the assortment meanwhile. */
  async price(manager: EntityManager, lines: readonly StockLine[]): Promise<PricedLine[]> {
    const articles = await manager.findBy(StockEntity, { sku: In(lines.map((line) => line.sku)) });
    const prices = new Map(articles.map((article) => [article.sku, article.priceCents]));
    return lines.map(({ sku, quantity }) => {
      const unitCents = prices.get(sku);
      if (unitCents === undefined) throw new NonRetryableError(`${sku} is no longer sold`);
      return { sku, quantity, unitCents };
    });
  }

  /**
   * Takes all lines out of stock, or none: the transaction is the caller's. Rows are locked in the order of their keys,
   * so that two orders with the same articles cannot wait for each other in a circle.
   *
   * @throws InsufficientStockError
   */
  async reserve(manager: EntityManager, orderId: string, lines: readonly StockLine[]): Promise<void> {
    for (const { sku, quantity } of [...lines].sort((a, b) => (a.sku < b.sku ? -1 : 1))) {
      const taken = await manager
        .createQueryBuilder()
        .update(StockEntity)
        .set({ available: () => 'available - :quantity' })
        .where('sku = :sku and available >= :quantity', { sku, quantity })
        .execute();
      if (taken.affected !== 1) throw new InsufficientStockError(sku, quantity);
    }
    await manager.insert(
      ReservationEntity,
      lines.map(({ sku, quantity }) => ({ orderId, sku, quantity })),
    );
  }

  /**
   * Puts back what an order holds; the transaction is the caller's. Harmless when repeated: only rows that are still held
   * are counted back.
   */
  async release(manager: EntityManager, orderId: string): Promise<void> {
    const held = await manager.find(ReservationEntity, {
      where: { orderId, releasedAt: IsNull() },
      order: { sku: 'ASC' },
      lock: { mode: 'pessimistic_write' },
    });
    for (const { sku, quantity } of held) {
      await manager.increment(StockEntity, { sku }, 'available', quantity);
      await manager.update(ReservationEntity, { orderId, sku }, { releasedAt: () => 'now()' });
    }
  }
}

import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { SimulatedNetwork } from '../network/simulated-network.service.js';
import type { StockLine } from '../stock/stock.service.js';
import { PackingEntity } from './packing.entity.js';

/** A line of an order in its box. */
export interface PackedLine {
  readonly sku: string;
  readonly box: string;
}

/** The people who take articles from shelves and put them into boxes, in another building. */
@Injectable()
export class WarehouseService {
  constructor(
    @InjectRepository(PackingEntity) private readonly packings: Repository<PackingEntity>,
    private readonly network: SimulatedNetwork,
  ) {}

  /** Packs one line a key; a repeated call answers with the first one's box. */
  pack(orderId: string, line: StockLine, idempotencyKey: string, signal?: AbortSignal): Promise<PackedLine> {
    const pack = async (): Promise<PackedLine> => {
      const [{ box }] = await this.packings.query<{ box: string }[]>(
        `insert into shop.packing (idempotency_key, order_id, sku, quantity, box) values ($1, $2, $3, $4, $5)
         on conflict (idempotency_key) do update set calls = packing.calls + 1
         returning box`,
        [idempotencyKey, orderId, line.sku, line.quantity, `B-${randomBytes(3).toString('hex').toUpperCase()}`],
      );
      return { sku: line.sku, box };
    };
    return this.network.roundTrip('warehouse.pack', pack, signal);
  }

  /** Puts a line of an order back on its shelf, or all of its lines. Harmless when repeated. */
  unpack(orderId: string, sku?: string, signal?: AbortSignal): Promise<void> {
    const unpack = async (): Promise<void> => {
      const packed = { orderId, unpackedAt: IsNull(), ...(sku !== undefined && { sku }) };
      await this.packings.update(packed, { unpackedAt: () => 'now()' });
    };
    return this.network.roundTrip('warehouse.unpack', unpack, signal);
  }
}

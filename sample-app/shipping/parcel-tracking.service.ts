import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { NonRetryableError } from '../../lib/index.js';
import { ShopConfig } from '../config/shop-config.js';
import { SimulatedNetwork } from '../network/simulated-network.service.js';
import { ShipmentEntity } from './shipment.entity.js';

export type ParcelStatus = 'collected' | 'in_transit' | 'delayed' | 'delivered' | 'lost';

/** One entry of a parcel's story, numbered from 0. */
export interface TrackingEvent {
  readonly number: number;
  readonly status: ParcelStatus;
  /** ISO 8601. */
  readonly at: string;
}

export interface Collection {
  readonly collectedAt: string;
  /** When the carrier means to deliver. */
  readonly expectedAt: string;
}

/** What happens to a parcel, each at its share of the time that the carrier estimates. */
type Story = readonly (readonly [status: ParcelStatus, share: number])[];

const SMOOTH: Story = [
  ['collected', 0],
  ['in_transit', 0.5],
  ['delivered', 1],
];
const STORIES: Readonly<Record<string, Story>> = {
  addr_late: [...SMOOTH.slice(0, 2), ['delayed', 1], ['delivered', 1.5]],
  addr_lost: [...SMOOTH.slice(0, 2), ['lost', 2]],
};

/**
 * The carriers' side of a parcel's journey.
 *
 * | address | what happens |
 * |---|---|
 * | `addr_late` | delivered when half of the estimated time has passed once more |
 * | `addr_lost` | reported lost when twice the estimated time has passed |
 * | any other | delivered on time |
 */
@Injectable()
export class ParcelTracking {
  constructor(
    @InjectRepository(ShipmentEntity) private readonly shipments: Repository<ShipmentEntity>,
    private readonly network: SimulatedNetwork,
    private readonly config: ShopConfig,
  ) {}

  /** The carrier collects the parcel. A repeated call answers with the first one's times. */
  handOver(trackingCode: string, signal?: AbortSignal): Promise<Collection> {
    const collect = async (): Promise<Collection> => {
      await this.shipments.update({ trackingCode, handedOverAt: IsNull() }, { handedOverAt: this.now() });
      const collectedAt = (await this.parcel(trackingCode)).handedOverAt!;
      const expectedAt = new Date(collectedAt.getTime() + this.config.transitMs);
      return { collectedAt: collectedAt.toISOString(), expectedAt: expectedAt.toISOString() };
    };
    return this.network.roundTrip('carrier.collect', collect, signal);
  }

  /** An event of a parcel, or `null` while there is no such news. The same number is the same event, for ever. */
  event(trackingCode: string, number: number, signal?: AbortSignal): Promise<TrackingEvent | null> {
    const look = async (): Promise<TrackingEvent | null> => {
      const { handedOverAt, address } = await this.parcel(trackingCode);
      const [status, share] = (STORIES[address] ?? SMOOTH)[number] ?? [];
      if (handedOverAt === null || status === undefined || share === undefined) return null;
      const at = new Date(handedOverAt.getTime() + share * this.config.transitMs);
      return at > this.now() ? null : { number, status, at: at.toISOString() };
    };
    return this.network.roundTrip('carrier.track', look, signal);
  }

  private async parcel(trackingCode: string): Promise<ShipmentEntity> {
    const parcel = await this.shipments.findOneBy({ trackingCode, canceledAt: IsNull() });
    if (parcel === null) throw new NonRetryableError(`no carrier knows a parcel ${trackingCode}`);
    return parcel;
  }

  /** The carriers live in the time that the engine lives in. */
  private now(): Date {
    return this.config.clock?.fixed() ?? new Date();
  }
}

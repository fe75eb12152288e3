import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import { NonRetryableError } from '../../lib/index.js';
import { SimulatedNetwork } from '../network/simulated-network.service.js';
import { CARRIERS, type Carrier, type CarrierName } from './carrier.js';
import { ShipmentEntity } from './shipment.entity.js';

/** A booked label. */
export interface Label {
  readonly carrier: CarrierName;
  readonly trackingCode: string;
}

/** Books labels with the carriers. What becomes of the parcels: {@link ParcelTracking}. */
@Injectable()
export class ShippingService {
  constructor(
    @Inject(CARRIERS) private readonly carriers: readonly Carrier[],
    @InjectRepository(ShipmentEntity) private readonly shipments: Repository<ShipmentEntity>,
    private readonly network: SimulatedNetwork,
  ) {}

  /** Books one label a key; a repeated call answers with the first one's label. */
  book(
    name: CarrierName,
    parcel: { readonly orderId: string; readonly address: string },
    idempotencyKey: string,
    signal?: AbortSignal,
  ): Promise<Label> {
    const carrier = this.carriers.find((candidate) => candidate.name === name);
    if (carrier === undefined) throw new NonRetryableError(`there is no carrier ${name}`);
    const book = async (): Promise<Label> => {
      const [label] = await this.shipments.query<{ tracking_code: string }[]>(
        `insert into shop.shipment (idempotency_key, order_id, carrier, address, tracking_code) values ($1, $2, $3, $4, $5)
         on conflict (idempotency_key) do update set calls = shipment.calls + 1
         returning tracking_code`,
        [idempotencyKey, parcel.orderId, name, parcel.address, carrier.trackingCode()],
      );
      return { carrier: name, trackingCode: label.tracking_code };
    };
    return this.network.roundTrip('carrier.book', book, signal);
  }

  /** Gives back the labels of an order that no carrier has collected. Harmless when repeated, and when there is none. */
  cancelLabels(orderId: string, signal?: AbortSignal): Promise<void> {
    const cancel = async (): Promise<void> => {
      await this.shipments.update(
        { orderId, canceledAt: IsNull(), handedOverAt: IsNull() },
        { canceledAt: () => 'now()' },
      );
    };
    return this.network.roundTrip('carrier.cancel', cancel, signal);
  }
}

import { Loop, Sleep, Step, Workflow, type Duration, type DurableContext } from '../../lib/index.js';
import { NoNewsError } from './no-news.error.js';
import { ParcelLostError } from './parcel-lost.error.js';
import { ParcelTracking, type Collection, type ParcelStatus, type TrackingEvent } from './parcel-tracking.service.js';
import type { Label } from './shipping.service.js';

/** What a shipment is started with: the label of a packed parcel. */
export type Parcel = Label & { readonly orderId: string };

type Context = DurableContext<Parcel, ShipmentWorkflow>;

/** More than any parcel's story has. */
const MOST_EVENTS = 20;
/** With {@link pauseAfter}, about a week without any news: then nothing will come any more. */
const MOST_LOOKS = 180;
/** Half a second after the first look in vain, an hour at most: news that is late once is late by hours. */
const pauseAfter = (looks: number): number => Math.min(0.25 * 2 ** looks, 3_600);

const isLast = ({ status }: { status: ParcelStatus }): boolean => status === 'delivered' || status === 'lost';

/**
 * Brings a parcel to its customer, which takes days: the run is parked nearly all of the time. The order that started it
 * waits for it, parked as well.
 */
@Workflow({ name: 'shipment', version: 1 })
export class ShipmentWorkflow {
  constructor(private readonly tracking: ParcelTracking) {}

  @Step({ maxAttempts: 5, timeout: '30s' })
  handOver(ctx: Context): Promise<Collection> {
    return this.tracking.handOver(ctx.input.trackingCode, ctx.abortSignal);
  }

  /** Nobody asks after a parcel before it is expected. */
  @Sleep()
  transit(ctx: Context): Duration {
    return new Date(ctx.results.handOver.expectedAt);
  }

  /**
   * Follows the parcel event by event. An iteration is one event, journaled; that there is none yet is a failed attempt,
   * so that the backoff spaces the looks and the run is parked between them.
   */
  @Loop({
    maxIterations: MOST_EVENTS,
    mapInput: () => 0,
    feedback: (event: TrackingEvent) => event.number + 1,
    until: isLast,
    maxAttempts: MOST_LOOKS,
    backoff: pauseAfter,
    timeout: '30s',
  })
  async track(next: number, ctx: Context): Promise<TrackingEvent> {
    const { trackingCode } = ctx.input;
    const event = await this.tracking.event(trackingCode, next, ctx.abortSignal);
    if (event === null) throw new NoNewsError(trackingCode);
    return event;
  }

  /** A loop that reached its limit is done like any other, so what it ended with is looked at here. */
  @Step()
  arrive(ctx: Context): { deliveredAt: string } {
    const last = ctx.results.track.at(-1);
    if (last?.status !== 'delivered') throw new ParcelLostError(ctx.input.trackingCode, last?.status ?? 'nothing');
    return { deliveredAt: last.at };
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ShopConfig } from '../config/shop-config.js';

/** The calls that leave this shop, each by the service and what is asked of it. */
export type NetworkCall =
  | `payments.${'charge' | 'void' | 'refund'}`
  | `warehouse.${'pack' | 'unpack'}`
  | `carrier.${'book' | 'cancel' | 'collect' | 'track'}`
  | `messages.${'email' | 'sms'}`
  | 'model.next';

/**
 * The way to the services that the shop calls. Half of the latency lies before the effect and half after it, as on a
 * real network: a caller that dies or gives up in the second half leaves an effect behind that it never heard of.
 */
@Injectable()
export class SimulatedNetwork {
  private readonly latencyMs: number;

  constructor(config: ShopConfig) {
    this.latencyMs = config.latencyMs;
  }

  /**
   * Sends a request, lets `effect` happen at the other side, and brings the answer back.
   *
   * @param _call what is asked of whom: nothing to the network, but a double holds or refuses calls by it.
   * @throws AbortError when `signal` is aborted on the way; the effect may or may not have happened.
   */
  async roundTrip<T>(_call: NetworkCall, effect: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.travel(signal);
    const answer = await effect();
    await this.travel(signal);
    return answer;
  }

  /** One way, from half to one and a half times the mean. */
  private async travel(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.latencyMs === 0) return;
    await delay((this.latencyMs / 2) * (0.5 + Math.random()), undefined, { signal });
  }
}

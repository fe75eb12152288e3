import { Deferred } from '../../lib/common/deferred.js';

/**
 * A place in a handler where a test makes it stand still: the handler waits in `pass()`, the test waits for `reached` and
 * then opens the gate. An open gate lets everybody through.
 */
export class Gate {
  private readonly arrival = new Deferred();
  private readonly opening = new Deferred();
  private arrivals = 0;

  /** Resolves when the first one stands at the gate. */
  get reached(): Promise<void> {
    return this.arrival.promise;
  }

  /** How many have come so far. */
  get visits(): number {
    return this.arrivals;
  }

  async pass(): Promise<void> {
    this.arrivals++;
    this.arrival.resolve();
    await this.opening.promise;
  }

  open(): void {
    this.opening.resolve();
  }
}

/** Resolves with the reason once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

import type { Clock, TimerHandle } from '../../common/clock.js';
import { AttemptControl } from './attempt-control.js';
import type { RunSession } from './run-session.js';

/** How long a transaction may take, and what it ends with after that. */
export interface TransactionLimit {
  /** Monotonic time. */
  readonly until: number;
  readonly error: () => Error;
}

/**
 * Watches one transaction while it is outside its handler: ends it when its time is up or its run is lost.
 *
 * States: watching ⇄ resting (the handler has it, which is watched by itself) → ended. Once the signal was aborted it stays so.
 */
class TransactionWatch {
  private readonly controller = new AbortController();
  private control: AttemptControl | null = null;
  private timer: TimerHandle | null = null;

  constructor(
    private readonly session: RunSession,
    private readonly clock: Clock,
    private readonly limit: TransactionLimit,
    private readonly count: (change: 1 | -1) => void,
  ) {
    this.resume();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  resume(): void {
    const control = new AttemptControl(this.session.id);
    this.control = control;
    this.count(1);
    control.onStop((reason) => this.controller.abort(reason));
    this.session.track(control);
    const left = Math.max(0, this.limit.until - this.clock.monotonic());
    this.timer = this.clock.after(left, () => control.abandon(this.limit.error()));
  }

  rest(): void {
    if (this.control === null) return;
    this.timer?.cancel();
    this.session.untrack(this.control);
    this.control = null;
    this.count(-1);
  }
}

/** Counts the transactions that are outside their handlers: they wait for a connection, for a lock, or for their commit. */
export class OpenTransactions {
  private outside = 0;

  get areWaiting(): boolean {
    return this.outside > 0;
  }

  watch(session: RunSession, clock: Clock, limit: TransactionLimit): TransactionWatch {
    return new TransactionWatch(session, clock, limit, (change) => {
      this.outside += change;
    });
  }
}

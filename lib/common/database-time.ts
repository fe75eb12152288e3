import type { Clock } from './clock.js';

/**
 * The database's time, estimated in this process from its last answer and the monotonic clock, so that a deadline can be
 * fixed once and outlive every restart. A wrong clock of this machine does not enter into it.
 *
 * The answer was made after the request was sent and before it was received; the two bounds follow from that. A deadline
 * is set from `latest`, and judged to have passed by `earliest`: so it may be late by a round trip, and is never early.
 */
export class DatabaseTime {
  private ahead = 0;
  private behind = 0;

  constructor(private readonly clock: Clock) {}

  /** Takes in the database's `now`, asked at `sentAt` by the monotonic clock. */
  learn(now: Date, sentAt: number): void {
    this.ahead = now.getTime() - sentAt;
    // A Date has whole milliseconds: the database's time is up to one later than it says.
    this.behind = now.getTime() - this.clock.monotonic();
  }

  /** Milliseconds since 1970: the database's time is not later. */
  latest(): number {
    return this.clock.fixed()?.getTime() ?? Math.ceil(this.ahead + this.clock.monotonic()) + 1;
  }

  /** Milliseconds since 1970: the database's time is not earlier. */
  earliest(): number {
    return this.clock.fixed()?.getTime() ?? Math.floor(this.behind + this.clock.monotonic());
  }
}

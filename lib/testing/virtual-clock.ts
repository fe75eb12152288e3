import type { Clock, TimerHandle } from '../common/clock.js';
import { durationMs, type Duration } from '../common/duration.js';

interface VirtualTimer {
  readonly at: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to move. Every SQL statement of the engine uses its time, so leases,
 * backoffs, sleeps and timeouts move with it.
 *
 * It does not do the engine's regular rounds (polls, renewals, sweeps): `DurableTesting` does them where they belong.
 */
export class VirtualClock implements Clock {
  private current: number;
  private readonly timers = new Set<VirtualTimer>();
  private sequence = 0;

  /** @param start the time it begins with. @default the process's time */
  constructor(start: Date = new Date()) {
    this.current = start.getTime();
  }

  now(): Date {
    return new Date(this.current);
  }

  fixed(): Date {
    return this.now();
  }

  monotonic(): number {
    return this.current;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const timer = { at: this.current + Math.max(0, delayMs), sequence: this.sequence++, callback };
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }

  every(): TimerHandle {
    return { cancel: () => undefined };
  }

  /** The time of the earliest timer, or `null`. */
  nextTimer(): Date | null {
    const next = this.sorted()[0];
    return next ? new Date(next.at) : null;
  }

  /** Moves forward without firing anything. */
  moveTo(time: Date): void {
    this.current = Math.max(this.current, time.getTime());
  }

  /** Moves forward without firing anything. */
  move(by: Duration): void {
    this.current += durationMs(by, 'VirtualClock.move');
  }

  /** Fires the timers that are due, in their order; those that they set for now are left to the next call. */
  fire(): void {
    for (const timer of this.sorted()) {
      if (timer.at > this.current || !this.timers.delete(timer)) continue;
      timer.callback();
    }
  }

  private sorted(): VirtualTimer[] {
    return [...this.timers].sort((a, b) => a.at - b.at || a.sequence - b.sequence);
  }
}

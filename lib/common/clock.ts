import { jittered } from './jitter.js';

/** A timer that can be taken back. Cancelling twice, or after it fired, is harmless. */
export interface TimerHandle {
  cancel(): void;
}

/**
 * Time as the engine sees it.
 *
 * The database's clock decides about leases, timers and backoffs, so that a worker's wrong clock changes nothing. This
 * interface carries the two things the process itself needs: timers, and a monotonic reading for local deadlines. A test
 * clock answers `fixed()` with its own time, and every SQL statement then uses that instead of the database's.
 */
export interface Clock {
  /** The time all SQL statements are to use, or `null` for the database's own clock. */
  fixed(): Date | null;
  /** Monotonic milliseconds, for local deadlines only. Never stored, never compared between processes. */
  monotonic(): number;
  /** Calls `callback` once, after `delayMs` milliseconds (any finite number; longer than 24.8 days is handled). */
  after(delayMs: number, callback: () => void): TimerHandle;
  /**
   * Calls `callback` again and again, `intervalMs` apart with some jitter, so that processes started together do not stay
   * in step. The engine's own housekeeping: a test clock leaves it out and does the work when it is told to.
   */
  every(intervalMs: number, callback: () => void): TimerHandle;
}

/**
 * `setTimeout` takes a signed 32-bit number of milliseconds and fires at once above it, so longer timers are armed in
 * legs of this length. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
const LONGEST_LEG_MS = 2 ** 31 - 1;

/** Enough to drift apart within a few rounds, too little to matter to a lease. */
const INTERVAL_JITTER = 0.1;

/**
 * The production clock: the database's time, the process's timers. Rounds keep the process alive, because a worker has
 * nothing else that would while the database is away and every socket is closed; single timers do not.
 */
export class SystemClock implements Clock {
  fixed(): null {
    return null;
  }

  monotonic(): number {
    return performance.now();
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    return delayMs > LONGEST_LEG_MS ? this.inLegs(delayMs, callback) : this.once(delayMs, callback);
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    let timer: TimerHandle;
    const next = (): void => {
      const round = (): void => {
        next();
        callback();
      };
      timer = this.once(jittered(intervalMs, INTERVAL_JITTER), round, true);
    };
    next();
    return { cancel: () => timer.cancel() };
  }

  private once(delayMs: number, callback: () => void, keepsAlive = false): TimerHandle {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    if (!keepsAlive) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  private inLegs(delayMs: number, callback: () => void): TimerHandle {
    let leg = this.once(LONGEST_LEG_MS, () => {
      leg = this.after(delayMs - LONGEST_LEG_MS, callback);
    });
    return { cancel: () => leg.cancel() };
  }
}

import type { Clock, TimerHandle } from '../../common/clock.js';

/**
 * Tells of a stretch of time whether this process ran through all of it. One that was stopped, or whose event loop was
 * blocked, hears afterwards what came meanwhile, and cannot tell by that whether it is still true.
 */
export class Standstill {
  private last: number;
  private longest = 0;
  private timer!: TimerHandle;

  /** Watches from now on until {@link end}. @param limitMs what is too short to matter */
  constructor(
    private readonly clock: Clock,
    private readonly limitMs: number,
  ) {
    this.last = clock.monotonic();
    this.arm();
  }

  /** May be called again. @returns whether it stood still for longer than the limit at one time. */
  end(): boolean {
    this.timer.cancel();
    this.beat();
    return this.longest > this.limitMs;
  }

  /** Single timers: what is watched may never end, and keeps no process alive. */
  private arm(): void {
    this.timer = this.clock.after(this.limitMs / 2, () => {
      this.beat();
      this.arm();
    });
  }

  private beat(): void {
    const now = this.clock.monotonic();
    this.longest = Math.max(this.longest, now - this.last);
    this.last = now;
  }
}

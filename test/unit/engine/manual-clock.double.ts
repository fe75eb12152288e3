import type { Clock, TimerHandle } from '../../../lib/common/clock.js';

interface Timer {
  at: number;
  readonly every: number | null;
  readonly callback: () => void;
}

/** A clock whose timers, the regular ones too, fire when a test moves it. */
export class ManualClock implements Clock {
  private now = 0;
  private readonly timers = new Set<Timer>();

  fixed(): null {
    return null;
  }

  monotonic(): number {
    return this.now;
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    return this.add({ at: this.now + delayMs, every: null, callback });
  }

  every(intervalMs: number, callback: () => void): TimerHandle {
    return this.add({ at: this.now + intervalMs, every: intervalMs, callback });
  }

  /** Timers that are set. */
  get pending(): number {
    return this.timers.size;
  }

  /** Moves on, fires what is due on the way, and lets what that began go on as far as it can without the clock. */
  async advance(ms: number): Promise<void> {
    const target = this.now + ms;
    for (let timer = this.next(target); timer; timer = this.next(target)) {
      this.now = Math.max(this.now, timer.at);
      if (timer.every === null) this.timers.delete(timer);
      else timer.at += timer.every;
      timer.callback();
      await settled();
    }
    this.now = target;
    await settled();
  }

  /** Time goes by and no timer fires: the process is stopped. What was due meanwhile fires when the clock is moved next. */
  standStill(ms: number): void {
    this.now += ms;
  }

  private next(until: number): Timer | undefined {
    return [...this.timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  }

  private add(timer: Timer): TimerHandle {
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }
}

/** Everything that waits for nothing but promises has gone on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

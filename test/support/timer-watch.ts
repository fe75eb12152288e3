/**
 * Knows the timers that were set since `start` and still keep the process alive. `stop` gives the global function back.
 */
export class TimerWatch {
  private readonly original = globalThis.setTimeout;
  private timers: NodeJS.Timeout[] = [];

  start(): void {
    this.timers = [];
    const { original, timers } = this;
    const watched = (callback: (...args: never[]) => void, delay?: number, ...args: never[]): NodeJS.Timeout => {
      const timer = original(() => callback(...args), delay);
      timers.push(timer);
      return timer;
    };
    globalThis.setTimeout = Object.assign(watched, original);
  }

  stop(): void {
    globalThis.setTimeout = this.original;
  }

  /** How many neither fired nor were cleared, and were not unreferenced. */
  get alive(): number {
    return this.timers.filter((timer) => !('_destroyed' in timer && timer._destroyed) && timer.hasRef()).length;
  }
}

/**
 * How many callers are told in one turn of the event loop, if it is not the first batch of the turn. Each goes on at once, up to
 * its next write: some 20 to 40 µs with garbage collection, so that a turn takes about 10 ms.
 */
const MOST = 300;

/**
 * Has batches that end in the same turn of the event loop tell their callers one after the other, each in a turn of its own.
 * Several at once would hold up everything else in the process: with 10,000 runs in flight the loop's delay was half as long
 * again; see docs/performance.md.
 */
export class TurnShare {
  private told = 0;

  /** Takes a share for so many callers. @returns `null` when they may be told now, else what has to be waited for. */
  take(callers: number): Promise<void> | null {
    if (!this.isLeftFor(callers)) return this.takeLater(callers);
    this.give(callers);
    return null;
  }

  private async takeLater(callers: number): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (!this.isLeftFor(callers));
    this.give(callers);
  }

  private isLeftFor(callers: number): boolean {
    return this.told === 0 || this.told + callers <= MOST;
  }

  private give(callers: number): void {
    if (this.told === 0) setImmediate(() => (this.told = 0));
    this.told += callers;
  }
}

/** A process has one event loop, whatever its parts. */
export const turnShare = new TurnShare();

/** Random numbers that a seed repeats (mulberry32, by Tommy Ettinger). */
export class Dice {
  constructor(private state: number) {}

  /** From 0, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)];
  }

  /** From 1 to `most`. */
  upTo(most: number): number {
    return 1 + Math.floor(this.next() * most);
  }

  /** Waits for a moment of at most `longestMs`: sometimes not at all, sometimes a few turns of the event loop. */
  async moment(longestMs: number): Promise<void> {
    const kind = this.next();
    if (kind < 0.2) return;
    if (kind < 0.4) {
      for (let turns = Math.floor(this.next() * 6); turns > 0; turns--) await new Promise((done) => setImmediate(done));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, this.next() * longestMs));
  }
}

import type { RunSession } from '../execution/run-session.js';

export interface BeginQueueParts {
  /** How many checkpoints of this worker have been handed in and not settled. */
  readonly unwritten: () => number;
  readonly begin: (session: RunSession) => void;
  /** False while nothing is to begin beside a run; {@link BeginQueue.lookSoon} when that is over. */
  readonly mayBegin: () => boolean;
  /** Fewer wait than before. */
  readonly onFewer: () => void;
}

/**
 * Unwritten checkpoints from which on nothing more is begun: two batches on their way to the database, one whose callers are
 * being told, and one that waits. With fewer, a batch would be sent that is not full; more only wait for longer.
 */
const ENOUGH = 1_200;
/**
 * Runs that begin with each written checkpoint whatever waits, so that runs without end cannot keep out all others. It shows
 * only where runs are longer than fifty steps: of shorter ones, as many more end.
 */
const LEAST_SHARE = 1 / 50;

/**
 * Runs that are held here and not begun. They begin at once as long as the database keeps up with the steps; else what has
 * begun goes on first, and as much more begins as keeps the batches full. See docs/adr/0033-begun-runs-first.md.
 */
export class BeginQueue {
  private waiting: RunSession[] = [];
  /** Begun since the last look, so that they may not have come to a checkpoint. */
  private begun = 0;
  private owed = 0;
  private looksSoon = false;

  constructor(private readonly parts: BeginQueueParts) {}

  /** How many runs may be claimed: what cannot begin here is left to other workers, and to runs of a higher priority. */
  get claimable(): number {
    return Math.max(0, ENOUGH - this.waiting.length);
  }

  /** Begins the run now, or after those that wait. */
  add(session: RunSession): void {
    if (this.waiting.length === 0 && this.room > 0) this.begin(session);
    else this.waiting.push(session);
  }

  /** Begins a run before those that wait. */
  begin(session: RunSession): void {
    this.begun++;
    this.lookSoon();
    this.parts.begin(session);
  }

  /** So many checkpoints are settled: their runs go on in this turn of the event loop, and others may begin after it. */
  settled(checkpoints: number): void {
    if (this.waiting.length === 0) return;
    this.owed += checkpoints * LEAST_SHARE;
    this.lookSoon();
  }

  private get room(): number {
    return this.parts.mayBegin() ? ENOUGH - this.parts.unwritten() - this.begun : 0;
  }

  /** Whatever makes room ends here: a run that waits does so for checkpoints, or for a look that is to come. */
  lookSoon(): void {
    if (this.looksSoon) return;
    this.looksSoon = true;
    setImmediate(() => {
      this.looksSoon = false;
      this.begun = 0;
      this.beginSome();
    });
  }

  private beginSome(): void {
    if (this.waiting.length === 0 || !this.parts.mayBegin()) return;
    const beginning = this.waiting.splice(0, Math.max(this.room, Math.floor(this.owed)));
    this.owed = this.waiting.length === 0 ? 0 : Math.max(0, this.owed - beginning.length);
    if (beginning.length === 0) return;
    for (const session of beginning) this.begin(session);
    this.parts.onFewer();
  }
}

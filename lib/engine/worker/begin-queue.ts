import { isThenable, type Awaitable } from '../../common/awaitable.js';
import type { RunSession } from '../execution/run-session.js';

export interface BeginQueueParts {
  /** How many checkpoints of this worker have been handed in and not settled. */
  readonly backlog: () => number;
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
 *
 * States of a run: waiting → begun. Whatever makes room ends in a look: a run waits for a checkpoint to be settled, for the look
 * after a beginning, or for the end of a quarantine.
 */
export class BeginQueue {
  /** In the order in which they came, and whether they were started here. */
  private readonly waiting = new Map<RunSession, boolean>();
  /** Those of them that were claimed. */
  private claimed = 0;
  /** Begun since the last look, so that they may not have come to a checkpoint. */
  private begun = 0;
  /** Begun, and waiting for the lease to be certain. */
  private unsure = 0;
  private owed = 0;
  private looksSoon = false;

  constructor(private readonly parts: BeginQueueParts) {}

  /** How many runs may be claimed: more than wait here anyway are left to other workers, and to runs of a higher priority. */
  get claimable(): number {
    return Math.max(0, ENOUGH - this.claimed);
  }

  /** Begins the run now, or after those that wait. */
  add(session: RunSession, startedHere: boolean): void {
    if (this.waiting.size === 0 && this.room > 0) return this.begin(session);
    this.waiting.set(session, startedHere);
    if (!startedHere) this.claimed++;
    session.onInterrupted = this.interrupted;
  }

  /** Begins a run before those that wait. */
  begin(session: RunSession): void {
    this.begun++;
    this.lookSoon();
    this.parts.begin(session);
  }

  /** So many checkpoints are settled: their runs go on in this turn of the event loop, and others may begin after it. */
  settled(checkpoints: number): void {
    if (this.waiting.size === 0) return;
    this.owed += checkpoints * LEAST_SHARE;
    this.lookSoon();
  }

  /** Begins what there is room for, after this turn of the event loop. */
  lookSoon(): void {
    if (this.looksSoon) return;
    this.looksSoon = true;
    setImmediate(() => {
      this.looksSoon = false;
      this.begun = 0;
      this.beginSome();
    });
  }

  /**
   * A begun run counts as an unwritten checkpoint while it waits for the lease to be certain: it comes to one after that.
   *
   * @param wait at hand where the lease is certain.
   */
  untilSure<T>(wait: Awaitable<T>): Awaitable<T> {
    if (!isThenable(wait)) return wait;
    this.unsure++;
    return wait.then((value) => {
      this.unsure--;
      this.lookSoon();
      return value;
    });
  }

  private get room(): number {
    return this.parts.mayBegin() ? ENOUGH - this.parts.backlog() - this.begun - this.unsure : 0;
  }

  private beginSome(): void {
    if (this.waiting.size === 0 || !this.parts.mayBegin()) return;
    const most = Math.max(this.room, Math.floor(this.owed));
    if (most <= 0) return;
    let beginning = 0;
    for (const session of this.waiting.keys()) {
      if (beginning === most) break;
      beginning++;
      this.remove(session);
      this.begin(session);
    }
    this.owed = this.waiting.size === 0 ? 0 : Math.max(0, this.owed - beginning);
    this.parts.onFewer();
  }

  /** What is lost leaves, and what is canceled ends: neither executes anything that others would have to wait for. */
  private readonly interrupted = (session: RunSession): void => {
    this.remove(session);
    this.begin(session);
    this.parts.onFewer();
  };

  private remove(session: RunSession): void {
    if (!this.waiting.get(session)) this.claimed--;
    this.waiting.delete(session);
    session.onInterrupted = null;
  }
}

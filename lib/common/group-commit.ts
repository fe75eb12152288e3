import type { Awaitable } from './awaitable.js';
import type { Clock } from './clock.js';
import { turnShare } from './turn-share.js';

export interface GroupCommitOptions<Item, Result> {
  /** Writes a batch in one commit; results are in the order of the items, and may themselves still be waited for. */
  readonly flush: (items: readonly Item[]) => Promise<readonly Awaitable<Result>[]>;
  readonly errorClass: (error: unknown) => 'transient' | 'rejected' | 'permanent';
  /** Batches in flight at one time. A further one is sent when it is full, or beside those that are small or slow; see {@link LARGE}. */
  readonly lanes: number;
  /** Items with the same mark are written in the order of the calls, and in batches of their own. @default no order */
  readonly orderOf?: (item: Item) => string;
  readonly clock: Clock;
  /** Approximate bytes of an item, so that a batch of large payloads stays a statement of reasonable size. */
  readonly sizeOf: (item: Item) => number;
  /** Milliseconds after which an item that meets only transient errors is given up; `Infinity` leaves it to `abandon`. */
  readonly giveUpAfterMs: number;
  /** What the callers of a batch that is given up are told after so many attempts. @default the last error */
  readonly givenUp?: (error: unknown, attempts: number) => unknown;
  /** What the caller of an item is told that was refused for its data. @default the error */
  readonly refused?: (error: unknown) => unknown;
  /** Called once an item is in a batch: it must not change any more. */
  readonly onTaken?: (item: Item) => void;
  /** Called when so many items have been settled. Callers that have not gone on by then do in this turn of the event loop. */
  readonly onSettled?: (items: number) => void;
  /** Called with every error of a flush, before it is acted upon. */
  readonly onError?: (error: unknown, items: number) => void;
}

/** What is being written. */
interface Batch<Item, Result> {
  readonly entries: readonly Entry<Item, Result>[];
  /** A batch may be in flight beside it. */
  leavesRoom: boolean;
  readonly slow: NodeJS.Timeout | null;
}

interface Entry<Item, Result> {
  readonly item: Item;
  readonly since: number;
  readonly resolve: (result: Awaitable<Result>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Most items of a batch. Beyond a few hundred the cost a row stops falling, while the first caller of the batch waits for the
 * last, and all of them go on in one turn of the event loop; measured in docs/performance.md.
 */
const MAX_BATCH = 300;
/** Bytes at which a batch is closed. A larger statement holds its lane, and a worker's memory, for too long. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/**
 * Items from which a batch is large. Beside a large batch none is sent but a full one, which waiting would not make larger: two
 * of half the size cost the server, and a machine that has not many cores, a third more than one after the other. So that the
 * server does not wait for this process either, a large batch is sent as soon as the answer to the one before it is there, and
 * only then its callers are told. Below it the round trip counts and not the size: batches go side by side, and what the
 * callers go on with joins the next one. See docs/adr/0031-large-batches-one-by-one.md.
 */
const LARGE = 64;
/** Milliseconds after which a batch no longer keeps others from being sent: whatever holds it up is not their size. */
const SLOW_MS = 100;
/** First and longest pause after a transient error; short at first, because most are one lost connection. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Writes of many callers that share one commit.
 *
 * While a flush is in flight the next batch gathers; an idle writer flushes as soon as the current turn of the event loop
 * has been heard, so there is no delay timer and no added latency. A batch that fails for a reason that passes is
 * repeated with jitter. A batch that is refused for its data is split, until the bad item stands alone and only its
 * caller gets the error.
 *
 * States of an item: queued → in a batch → written → resolved, or rejected. `abandon` rejects whatever has not been written.
 */
export class GroupCommit<Item, Result> {
  private queue: Entry<Item, Result>[] = [];
  private readonly inFlight = new Set<Batch<Item, Result>>();
  /** The marks of what is in flight. */
  private readonly marks = new Set<string>();
  private unsettled = 0;
  private scheduled = false;
  private generation = 0;
  private waiters: (() => void)[] = [];

  constructor(private readonly options: GroupCommitOptions<Item, Result>) {}

  add(item: Item): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.unsettled++;
      this.queue.push({ item, since: this.options.clock.monotonic(), resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when everything that was added has been settled. */
  async idle(): Promise<void> {
    if (this.isIdle) return;
    await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  /** Rejects everything that has not been settled; batches in flight are not repeated any more. */
  abandon(error: Error): void {
    this.generation++;
    const queued = this.queue;
    this.queue = [];
    for (const entry of queued) entry.reject(error);
    this.settled(queued.length);
  }

  /** Items that were added and have not been settled. */
  get size(): number {
    return this.unsettled;
  }

  /** True when everything that was added has been settled. */
  get isIdle(): boolean {
    return this.unsettled === 0;
  }

  private get maySend(): boolean {
    if (this.queue.length === 0 || this.inFlight.size >= this.options.lanes) return false;
    if (this.queue.length >= MAX_BATCH) return true;
    for (const batch of this.inFlight) if (!batch.leavesRoom) return false;
    return true;
  }

  private schedule(): void {
    if (this.scheduled || !this.maySend) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.send();
    });
  }

  private send(): void {
    if (!this.maySend) return;
    const entries = this.take();
    if (entries.length === 0) return;
    const batch = this.depart(entries);
    void this.write(entries, this.generation, () => this.arrive(batch)).finally(() => {
      this.arrive(batch);
      this.schedule();
      this.settled(entries.length);
    });
    this.schedule();
  }

  private take(): Entry<Item, Result>[] {
    const { sizeOf, orderOf, onTaken } = this.options;
    const batch: Entry<Item, Result>[] = [];
    const left: Entry<Item, Result>[] = [];
    let bytes = 0;
    let at = 0;
    for (; at < this.queue.length && batch.length < MAX_BATCH; at++) {
      const entry = this.queue[at];
      const mark = orderOf?.(entry.item);
      if (mark !== undefined && this.marks.has(mark)) {
        left.push(entry);
        continue;
      }
      bytes += sizeOf(entry.item);
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      if (mark !== undefined) this.marks.add(mark);
      batch.push(entry);
    }
    this.queue.splice(0, at, ...left);
    if (onTaken) for (const { item } of batch) onTaken(item);
    return batch;
  }

  private depart(entries: readonly Entry<Item, Result>[]): Batch<Item, Result> {
    const isLarge = entries.length >= LARGE && this.options.lanes > 1;
    const slow = isLarge ? setTimeout(() => this.makeRoom(batch), SLOW_MS) : null;
    const batch: Batch<Item, Result> = { entries, leavesRoom: !isLarge, slow };
    this.inFlight.add(batch);
    return batch;
  }

  private makeRoom(batch: Batch<Item, Result>): void {
    batch.leavesRoom = true;
    this.schedule();
  }

  /** It is not in flight any more. Called twice for a batch that was written at its first try. */
  private arrive(batch: Batch<Item, Result>): void {
    if (!this.inFlight.delete(batch)) return;
    if (batch.slow) clearTimeout(batch.slow);
    const { orderOf } = this.options;
    if (orderOf) for (const { item } of batch.entries) this.marks.delete(orderOf(item));
    if (this.queue.length >= LARGE) this.send();
  }

  /** Never rejects: every entry of the batch is told its own outcome. */
  private async write(
    batch: readonly Entry<Item, Result>[],
    generation: number,
    onWritten?: () => void,
  ): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const results = await this.options.flush(batch.map((entry) => entry.item));
        onWritten?.();
        await turnShare.take(batch.length);
        batch.forEach((entry, index) => entry.resolve(results[index]));
        return;
      } catch (error) {
        this.options.onError?.(error, batch.length);
        const kind = this.options.errorClass(error);
        if (kind === 'rejected') return this.split(batch, generation, error);
        if (this.isOver(batch, generation, kind)) {
          const told = this.options.givenUp?.(error, attempt + 1) ?? error;
          return batch.forEach((entry) => entry.reject(told));
        }
        await this.pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  }

  private async split(batch: readonly Entry<Item, Result>[], generation: number, error: unknown): Promise<void> {
    if (batch.length === 1) return batch[0].reject(this.options.refused?.(error) ?? error);
    const middle = batch.length >> 1;
    await this.write(batch.slice(0, middle), generation);
    await this.write(batch.slice(middle), generation);
  }

  private isOver(batch: readonly Entry<Item, Result>[], generation: number, kind: string): boolean {
    const { clock, giveUpAfterMs } = this.options;
    if (generation !== this.generation) return true;
    if (giveUpAfterMs === Infinity) return false;
    return kind === 'permanent' || clock.monotonic() - batch[0].since > giveUpAfterMs;
  }

  /** Real time, whatever the clock: it paces a database that is not there, not the workflow. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  private settled(items: number): void {
    this.unsettled -= items;
    this.options.onSettled?.(items);
    if (!this.isIdle) return;
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}

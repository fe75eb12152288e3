import type { Clock, TimerHandle } from '../../common/clock.js';
import type { ClaimResult } from '../../storage/contract/run-store.contract.js';

export interface ClaimerOptions {
  readonly pollIntervalMs: number;
  /** How many runs may be claimed now. */
  readonly claimable: () => number;
  /** Takes up to `limit` due runs and begins them; `null` when it may not. */
  readonly claim: (limit: number) => Promise<Pick<ClaimResult, 'runs' | 'nextDueInMs'> | null>;
  readonly onError: (error: unknown) => void;
}

/**
 * A claim for fewer slots than this waits for more to come free, for a moment. A claim costs about the same for one run
 * as for fifty, so a busy worker would otherwise spend its database on claims of one.
 */
const GATHER_MS = 5;

/**
 * Decides when to ask for due runs: when something says that there are some, when a slot comes free while more are known
 * to wait, when the next timer of the queue is due, and every poll interval in any case.
 *
 * One claim is in flight at a time. A wake-up during a claim leads to one more, because the claim may have looked just
 * before.
 */
export class Claimer {
  private claiming: Promise<void> | null = null;
  private again = false;
  private backlog = false;
  private stopped = true;
  private poll: TimerHandle | null = null;
  private nextDue: TimerHandle | null = null;
  private nextDueAt = Infinity;
  /** When the first of the runs is due that were parked since the claim under way began. */
  private parkedMeanwhile = Infinity;
  private gathering: TimerHandle | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly options: ClaimerOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.poll = this.clock.every(this.options.pollIntervalMs, () => this.wake());
    this.wake();
  }

  /** Runs may be due now. */
  wake(): void {
    if (this.stopped) return;
    if (this.claiming) this.again = true;
    else if (this.options.claimable() > 0) void this.beginClaiming();
    else this.backlog = true;
  }

  /** A slot came free. */
  slotFreed(): void {
    if (!this.backlog || this.stopped || this.claiming || this.gathering) return;
    this.gathering = this.clock.after(GATHER_MS, () => {
      this.gathering = null;
      this.wake();
    });
  }

  /** A run of this queue was parked and is due then; polls at that time if nothing sooner is known. */
  dueIn(delayMs: number): void {
    const at = this.clock.monotonic() + delayMs;
    // A claim under way may have looked before that, and its answer replaces the timer.
    if (this.claiming) this.parkedMeanwhile = Math.min(this.parkedMeanwhile, at);
    if (!this.stopped && at < this.nextDueAt) this.armNextDue(delayMs);
  }

  /**
   * Claims, and resolves when the claimed runs have begun. The claim looks after this call: one under way may have looked
   * before what the caller has just made due, so one more follows it. For tests.
   */
  claimNow(): Promise<void> {
    if (!this.claiming) return this.beginClaiming();
    this.again = true;
    return this.claiming.then(() => this.claiming ?? undefined);
  }

  get isClaiming(): boolean {
    return this.claiming !== null;
  }

  /** Takes no more; resolves when a claim in flight has settled. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of [this.poll, this.nextDue, this.gathering]) timer?.cancel();
    await this.claiming;
  }

  private beginClaiming(): Promise<void> {
    this.claiming = this.claimWhileDue().finally(() => {
      this.claiming = null;
      // What came in at the very end was left to a claim that did not look any more.
      if (this.again) this.wake();
      else if (this.options.claimable() > 0) this.slotFreed();
    });
    return this.claiming;
  }

  private async claimWhileDue(): Promise<void> {
    do {
      this.again = false;
      const limit = this.options.claimable();
      if (limit <= 0) {
        this.backlog = true;
        return;
      }
      await this.claimOnce(limit);
    } while (this.again && !this.stopped);
  }

  private async claimOnce(limit: number): Promise<void> {
    this.parkedMeanwhile = Infinity;
    try {
      const claimed = await this.options.claim(limit);
      if (!claimed) return;
      const { runs, nextDueInMs } = claimed;
      this.backlog = runs.length >= limit;
      this.armNextDue(Math.min(nextDueInMs ?? Infinity, this.parkedMeanwhile - this.clock.monotonic()));
    } catch (error) {
      this.options.onError(error);
    }
  }

  private armNextDue(delayMs: number): void {
    this.nextDue?.cancel();
    this.nextDue = null;
    this.nextDueAt = Infinity;
    if (delayMs === Infinity || this.stopped) return;
    this.nextDueAt = this.clock.monotonic() + delayMs;
    this.nextDue = this.clock.after(Math.max(1, delayMs), () => {
      this.nextDueAt = Infinity;
      this.wake();
    });
  }
}

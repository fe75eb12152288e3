import type { Clock, TimerHandle } from '../common/clock.js';
import { Deferred } from '../common/deferred.js';
import { settledWithin } from '../common/settled-within.js';
import { RunResults } from '../definition/run-results.js';
import { isTerminal, type RunStatus } from '../definition/run-state.js';
import { ResultTimeoutError, RunFailedError, RunNotFoundError, ShutdownError } from '../errors/index.js';
import type { StoredError } from '../storage/contract/records.js';
import type { RunAdmin, StoredRun } from '../storage/contract/run-admin.contract.js';

/** How a run ended, as its waiters learn it. */
export interface RunEnding {
  readonly id: string;
  readonly workflow: string;
  readonly status: RunStatus;
  readonly error: StoredError | null;
  /** Why it was canceled. */
  readonly reason?: string | null;
  readonly results: () => Record<string, any>;
}

/**
 * How often the database is asked for runs that end in other processes, where no notification comes through. One query
 * asks for all of them.
 */
const POLL_MS = 1_000;
/** What the last look of a shutdown may take. */
const LAST_LOOK_MS = 2_000;
/** Endings announced together are looked up together. */
const GATHER_MS = 5;

/**
 * Waits for runs to end, in whichever process. A run that ends here is known at once; of the others the database is
 * asked, when a notification says that some ended and every second in any case. One query, however many are waited for.
 */
export class ResultWaiter {
  private readonly waiting = new Map<string, Set<Deferred<RunEnding>>>();
  private poll: TimerHandle | null = null;
  private gather: TimerHandle | null = null;
  private looking: Promise<void> | null = null;
  private again = false;
  private closed = false;

  constructor(
    private readonly admin: RunAdmin,
    private readonly timers: Clock,
  ) {}

  /**
   * @throws RunFailedError when the run ends in any other way than completed.
   * @throws ResultTimeoutError when it has not ended after `timeoutMs`.
   * @throws RunNotFoundError
   * @throws ShutdownError when this process shuts down first.
   */
  async result(runId: string, timeoutMs: number | null): Promise<Record<string, any>> {
    const known = await this.admin.find(runId);
    if (!known) throw new RunNotFoundError(runId);
    const ending = isTerminal(known.status) ? this.endingOf(known) : this.ending(runId, timeoutMs);
    return outcomeOf(await ending);
  }

  /** Begins to wait for a run that does not exist yet, so that its end cannot be missed. */
  expect(runId: string): { result(timeoutMs: number | null): Promise<Record<string, any>>; forget(): void } {
    const deferred = this.add(runId);
    return {
      // Thousands may wait at a time, and each async function on the way is a promise more for each of them.
      result: (timeoutMs) => this.within(runId, deferred, timeoutMs).then(outcomeOf),
      forget: () => this.remove(runId, deferred),
    };
  }

  /** A run ended in this process. */
  ended(ending: RunEnding): void {
    const waiters = this.waiting.get(ending.id);
    if (!waiters) return;
    this.waiting.delete(ending.id);
    for (const waiter of waiters) waiter.resolve(ending);
    if (this.waiting.size === 0) this.rest();
  }

  /** Runs ended somewhere. */
  look(): void {
    if (this.waiting.size === 0 || this.gather) return;
    this.gather = this.timers.after(GATHER_MS, () => {
      this.gather = null;
      void this.lookNow();
    });
  }

  /** Asks the database for everything that is waited for. Errors are left to the next round. */
  lookNow(): Promise<void> {
    if (this.looking) this.again = true;
    this.looking ??= this.lookUp()
      .catch(() => undefined)
      .finally(() => {
        this.looking = null;
        if (this.again) {
          this.again = false;
          void this.lookNow();
        }
      });
    return this.looking;
  }

  /**
   * Rejects everybody who still waits, and everybody who comes later, with ShutdownError. It looks once more before: what was
   * finished in the last moment is somebody's answer. May be called twice.
   */
  async close(): Promise<void> {
    this.rest();
    if (this.waiting.size > 0) await settledWithin(this.lookOnce(), LAST_LOOK_MS);
    this.closed = true;
    this.rest();
    for (const [runId, waiters] of this.waiting) {
      for (const waiter of waiters) waiter.reject(new ShutdownError(runId));
    }
    this.waiting.clear();
  }

  private ending(runId: string, timeoutMs: number | null): Promise<RunEnding> {
    const deferred = this.add(runId);
    void this.lookNow();
    return this.within(runId, deferred, timeoutMs);
  }

  /** A look that begins after this call. */
  private async lookOnce(): Promise<void> {
    await this.looking;
    await this.lookNow();
  }

  private within(runId: string, deferred: Deferred<RunEnding>, timeoutMs: number | null): Promise<RunEnding> {
    return timeoutMs === null ? deferred.promise : this.withinTime(runId, deferred, timeoutMs);
  }

  private async withinTime(runId: string, deferred: Deferred<RunEnding>, timeoutMs: number): Promise<RunEnding> {
    const timer = this.timers.after(timeoutMs, () => {
      this.remove(runId, deferred);
      deferred.reject(new ResultTimeoutError(runId, timeoutMs));
    });
    try {
      return await deferred.promise;
    } finally {
      timer.cancel();
    }
  }

  private add(runId: string): Deferred<RunEnding> {
    const deferred = new Deferred<RunEnding>();
    // Whoever began to wait for a run that he has not started yet is not listening when a shutdown rejects him.
    deferred.promise.catch(() => undefined);
    if (this.closed) {
      deferred.reject(new ShutdownError(runId));
      return deferred;
    }
    const waiters = this.waiting.get(runId) ?? new Set();
    this.waiting.set(runId, waiters.add(deferred));
    this.poll ??= this.timers.every(POLL_MS, () => void this.lookNow());
    return deferred;
  }

  private remove(runId: string, deferred: Deferred<RunEnding>): void {
    const waiters = this.waiting.get(runId);
    if (!waiters?.delete(deferred) || waiters.size > 0) return;
    this.waiting.delete(runId);
    if (this.waiting.size === 0) this.rest();
  }

  private rest(): void {
    this.poll?.cancel();
    this.gather?.cancel();
    this.poll = this.gather = null;
  }

  private async lookUp(): Promise<void> {
    if (this.waiting.size === 0) return;
    for (const { id } of await this.admin.ended([...this.waiting.keys()])) {
      const run = await this.admin.find(id);
      if (run) this.ended(await this.endingOf(run));
    }
  }

  private async endingOf({ id, workflow, status, error, cancel }: StoredRun): Promise<RunEnding> {
    const journal = await this.admin.journal(id);
    return {
      ...{ id, workflow, status, error },
      reason: cancel?.reason ?? null,
      results: () => RunResults.of(journal).view(),
    };
  }
}

function outcomeOf(ending: RunEnding): Record<string, any> {
  if (ending.status === 'completed') return ending.results();
  throw new RunFailedError(ending.id, ending.workflow, ending.status, ending.error, ending.reason);
}

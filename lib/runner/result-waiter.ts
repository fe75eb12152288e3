import type { Clock, TimerHandle } from '../common/clock.js';
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

/** What a waiter is told: how the run ended, or why nobody here will learn it. */
export type News = RunEnding | ResultTimeoutError | ShutdownError;

/** Called once. A function and not a promise: thousands may wait, and a promise with what hangs on it takes four times as much. */
export type TellNews = (news: News) => void;

/** All who wait for one run. */
interface Awaited {
  readonly waiters: TellNews[];
  /** The looks that had begun when the last of them came: what those saw is older than his question. */
  looks: number;
}

/** Runs that a look asks for: those that this process does not execute, or all, since it may have lost one and not know it yet. */
type Scope = 'others' | 'all';

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
 * asked, when a notification says that some ended, and of all every second in any case. One query, however many are waited for.
 */
export class ResultWaiter {
  private readonly waiting = new Map<string, Awaited>();
  /** Reads of single runs for callers of {@link result}, under way. */
  private readonly reads = new Set<Promise<unknown>>();
  private poll: TimerHandle | null = null;
  private gather: TimerHandle | null = null;
  private looking: Promise<void> | null = null;
  private again: Scope | null = null;
  private looks = 0;
  private closed = false;

  /** @param isHeldHere whether the run is executed in this process, which hears of its end without asking. */
  constructor(
    private readonly admin: RunAdmin,
    private readonly timers: Clock,
    private readonly isHeldHere: (runId: string) => boolean,
  ) {}

  /**
   * @throws RunFailedError when the run ends in any other way than completed.
   * @throws ResultTimeoutError when it has not ended after `timeoutMs`.
   * @throws RunNotFoundError
   * @throws ShutdownError when this process shuts down first.
   */
  async result(runId: string, timeoutMs: number | null): Promise<Record<string, any>> {
    return outcomeOf((await this.readEnding(runId)) ?? (await this.newsOf(runId, timeoutMs)));
  }

  /** Begins to wait for a run, which may not exist yet, so that its end cannot be missed. What {@link outcomeOf} says of the news may throw. */
  expect(runId: string, tell: TellNews): void {
    if (this.closed) return tell(new ShutdownError(runId));
    const awaited = this.waiting.get(runId);
    if (awaited) {
      awaited.waiters.push(tell);
      awaited.looks = this.looks;
      return;
    }
    this.waiting.set(runId, { waiters: [tell], looks: this.looks });
    this.poll ??= this.timers.every(POLL_MS, () => void this.lookNow());
  }

  /** Takes an `expect` back. */
  forget(runId: string, tell: TellNews): void {
    const waiters = this.waiting.get(runId)?.waiters;
    const at = waiters?.indexOf(tell) ?? -1;
    if (at < 0) return;
    waiters!.splice(at, 1);
    if (waiters!.length > 0) return;
    this.waiting.delete(runId);
    if (this.waiting.size === 0) this.rest();
  }

  /** A run ended in this process. */
  ended(ending: RunEnding): void {
    const awaited = this.waiting.get(ending.id);
    if (!awaited) return;
    this.waiting.delete(ending.id);
    for (const tell of awaited.waiters) tell(ending);
    if (this.waiting.size === 0) this.rest();
  }

  /** Runs ended somewhere. */
  look(): void {
    if (this.waiting.size === 0 || this.gather) return;
    this.gather = this.timers.after(GATHER_MS, () => {
      this.gather = null;
      void this.lookNow('others');
    });
  }

  /** Asks the database for what is waited for. Errors are left to the next round. */
  lookNow(scope: Scope = 'all'): Promise<void> {
    if (this.looking) this.again = this.again === 'all' ? 'all' : scope;
    this.looking ??= this.lookUp(scope)
      .catch(() => undefined)
      .finally(() => {
        const { again } = this;
        this.looking = this.again = null;
        if (again) void this.lookNow(again);
      });
    return this.looking;
  }

  /**
   * Everybody who still waits, and everybody who comes later, is told of a ShutdownError. It looks once more before: what was
   * finished in the last moment is somebody's answer. May be called twice.
   */
  async close(): Promise<void> {
    this.rest();
    if (this.reads.size > 0) await settledWithin(Promise.allSettled(this.reads), LAST_LOOK_MS);
    if (this.waiting.size > 0) await settledWithin(this.lookOnce(), LAST_LOOK_MS);
    this.closed = true;
    this.rest();
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const [runId, { waiters }] of waiting) for (const tell of waiters) tell(new ShutdownError(runId));
  }

  /** How the run has ended, or null while it has not. */
  private async readEnding(runId: string): Promise<RunEnding | null> {
    const read = this.admin.find(runId).then((run) => {
      if (!run) throw new RunNotFoundError(runId);
      return isTerminal(run.status) ? this.endingOf(run) : null;
    });
    this.reads.add(read);
    try {
      return await read;
    } catch (error) {
      if (this.closed && !(error instanceof RunNotFoundError)) throw new ShutdownError(runId);
      throw error;
    } finally {
      this.reads.delete(read);
    }
  }

  private newsOf(runId: string, timeoutMs: number | null): Promise<News> {
    return new Promise((resolve) => {
      const tell = timeoutMs === null ? resolve : this.within(timeoutMs, runId, resolve);
      this.expect(runId, tell);
      void this.lookNow();
    });
  }

  /** A look that begins after this call. */
  private async lookOnce(): Promise<void> {
    await this.looking;
    await this.lookNow();
  }

  /** Tells within that time, at the latest that it is over. */
  private within(timeoutMs: number, runId: string, tell: TellNews): TellNews {
    const timer = this.timers.after(timeoutMs, () => {
      this.forget(runId, tellInTime);
      tell(new ResultTimeoutError(runId, timeoutMs));
    });
    const tellInTime: TellNews = (news) => {
      timer.cancel();
      tell(news);
    };
    return tellInTime;
  }

  private rest(): void {
    this.poll?.cancel();
    this.gather?.cancel();
    this.poll = this.gather = null;
  }

  private async lookUp(scope: Scope): Promise<void> {
    const ids = [...this.waiting.keys()].filter((id) => scope === 'all' || !this.isHeldHere(id));
    if (ids.length === 0) return;
    const look = ++this.looks;
    for (const { id } of await this.admin.ended(ids)) {
      // It ended here meanwhile, and everybody has been told.
      if (!this.waiting.has(id)) continue;
      const run = await this.admin.find(id);
      // An operator may retry the run between two of these questions: it has not ended then, and whoever asked after the
      // retry waits for what comes of it.
      if (!run || !isTerminal(run.status)) continue;
      const ending = await this.endingOf(run);
      if ((this.waiting.get(id)?.looks ?? look) < look) this.ended(ending);
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

/** The results of a run, or what its caller is told in place of them. */
export function outcomeOf(news: News): Record<string, any> {
  if (news instanceof Error) throw news;
  if (news.status === 'completed') return news.results();
  throw new RunFailedError(news.id, news.workflow, news.status, news.error, news.reason);
}

import type { Clock, TimerHandle } from '../../common/clock.js';
import { backoffMs } from '../../common/retry-policy.js';
import { toStoredError } from '../../common/stored-error.js';
import type { JournalKind } from '../../definition/journal-key.js';
import type { RetryPolicy } from '../../definition/plan.js';
import { CheckpointRejectedError } from '../../errors/index.js';
import type { FailedAttempt, StoredError } from '../../storage/contract/records.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { EngineLimits } from './engine-limits.js';
import type { Interruptions } from './interruptions.js';
import { journalEntry } from './journal-entry.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { partDone, partFailed } from './transition.js';
import type { Unit } from './unit.js';

/** A branch or an item: journaled, retried and undone on its own. */
export interface Part {
  readonly kind: JournalKind;
  readonly unit: Unit;
}

export interface PartPoolServices {
  readonly attempts: AttemptRunner;
  readonly writer: SessionWriter;
  readonly limits: EngineLimits;
  readonly clock: Clock;
  readonly interruptions: Interruptions;
}

/** Runs parts of one node beside each other. Makes one {@link PartRound} for each time that the node is entered. */
export class PartPool {
  constructor(private readonly services: PartPoolServices) {}

  /**
   * Attempts every part that is not done yet, `concurrency` at one time.
   *
   * @returns `null` when all parts are done, else what keeps the node from it.
   */
  run(session: RunSession, parts: readonly Part[], concurrency: number): Promise<NodeOutcome | null> {
    return new PartRound(this.services, session, concurrency).run(parts);
  }
}

/**
 * One round. Each part goes ready → attempted → done, or given up, or waiting for its next attempt, which begins within
 * the round while others are still at work. Once one has given up, or the run is to stop, no attempt is begun any more
 * and those in progress settle.
 */
class PartRound {
  private ready: Part[] = [];
  private next = 0;
  private active = 0;
  private readonly waiting = new Map<Part, { readonly at: number; readonly timer: TimerHandle }>();
  private givenUp: StoredError | null = null;
  private finish!: () => void;
  private fail!: (error: unknown) => void;

  constructor(
    private readonly services: PartPoolServices,
    private readonly session: RunSession,
    private readonly concurrency: number,
  ) {}

  async run(parts: readonly Part[]): Promise<NodeOutcome | null> {
    const open = parts.filter(({ unit }) => !this.session.entry(unit.key));
    const dead = open.find(({ unit }) => this.session.failuresOf(unit.key)?.final);
    if (dead) return { type: 'givenUp', error: this.session.failuresOf(dead.unit.key)!.error };
    await new Promise<void>((resolve, reject) => {
      this.finish = resolve;
      this.fail = reject;
      for (const part of open) this.schedule(part);
      this.pump();
    }).finally(() => {
      for (const { timer } of this.waiting.values()) timer.cancel();
    });
    return this.outcome();
  }

  private outcome(): NodeOutcome | null {
    if (this.session.lost) return { type: 'abandoned' };
    if (this.givenUp) return { type: 'givenUp', error: this.givenUp };
    if (this.isStopping) return { type: 'interrupted' };
    if (this.waiting.size === 0) return null;
    const first = Math.min(...[...this.waiting.values()].map(({ at }) => at));
    return { type: 'retryAt', delayMs: Math.max(0, first - this.services.clock.monotonic()) };
  }

  private get isStopping(): boolean {
    return this.givenUp !== null || this.services.interruptions.pending(this.session);
  }

  /** Ready now, or after what is left of its backoff: a crash or a park does not shorten it. */
  private schedule(part: Part): void {
    const { clock, limits } = this.services;
    const failures = this.session.failuresOf(part.unit.key);
    const policy = { ...limits.retry, ...part.unit.options.declared };
    const at = failures ? failures.failedAt + this.backoffOf(policy, failures.attempts) : 0;
    const delayMs = at - clock.monotonic();
    if (delayMs <= 0) {
      this.ready.push(part);
      return;
    }
    const timer = clock.after(delayMs, () => {
      this.waiting.delete(part);
      this.ready.push(part);
      this.pump();
    });
    this.waiting.set(part, { at, timer });
  }

  /** What a policy throws was told to its author by the attempt; here nothing is waited for. */
  private backoffOf(policy: RetryPolicy, attempts: number): number {
    try {
      return backoffMs(policy, attempts);
    } catch {
      return 0;
    }
  }

  private pump(): void {
    while (this.active < this.concurrency && this.next < this.ready.length && !this.isStopping) {
      const part = this.ready[this.next++];
      this.active++;
      this.attempt(part)
        .catch((error: unknown) => this.fail(error))
        .finally(() => {
          this.active--;
          this.pump();
        });
    }
    if (this.active === 0 && (this.next === this.ready.length || this.isStopping)) this.finish();
  }

  private async attempt(part: Part): Promise<void> {
    const { attempts, writer } = this.services;
    const result = await attempts.attempt(this.session, part.unit);
    if (result.outcome === 'abandoned') return;
    if (result.outcome === 'succeeded') {
      const entry = journalEntry(this.session, part.kind, part.unit.key, result);
      return this.write(part, () => writer.commit(this.session, partDone(this.session, entry)));
    }
    await writer.commit(this.session, partFailed(this.session, result.failure));
    if (result.failure.final) this.givenUp ??= result.failure.error;
    else if (!this.session.lost) this.schedule(part);
  }

  /** What the database refuses to store is this part's failure, and nobody else's. */
  private async write(part: Part, commit: () => Promise<unknown>): Promise<void> {
    try {
      await commit();
    } catch (error) {
      if (!(error instanceof CheckpointRejectedError)) throw error;
      const attempt = (this.session.failuresOf(part.unit.key)?.attempts ?? 0) + 1;
      const stored = toStoredError(error, part.unit.key);
      const failure: FailedAttempt = { key: part.unit.key, attempt, error: stored, final: true, durationMs: 0 };
      await this.services.writer.commit(this.session, partFailed(this.session, failure));
      this.givenUp ??= stored;
    }
  }
}

import type { EntityManager } from 'typeorm';
import { andThen, isThenable, type Awaitable } from '../../common/awaitable.js';
import type { Clock } from '../../common/clock.js';
import { serializePayload } from '../../common/json-payload.js';
import { backoffMs } from '../../common/retry-policy.js';
import { toStoredError } from '../../common/stored-error.js';
import {
  InvalidDurationError,
  InvalidPayloadError,
  NonRetryableError,
  NotTransactionalError,
  RunTimeoutError,
  StepTimeoutError,
  TransactionNotCommittedError,
  UnknownBranchError,
} from '../../errors/index.js';
import type { AttemptSpan } from '../../observability/tracing.interface.js';
import type { FailedAttempt } from '../../storage/contract/records.js';
import { AttemptControl } from './attempt-control.js';
import type { EngineLimits } from './engine-limits.js';
import { callHandler } from './handler-scope.js';
import type { RunReporter } from './run-reporter.js';
import type { RunSession } from './run-session.js';
import { StepContext, type ProgressSink } from './step-context.js';
import type { Unit } from './unit.js';

/** A transaction that an attempt is made in. It has waited for its connection, or met a conflict, in the time of the attempt. */
export interface Within {
  readonly manager: EntityManager;
  /** Monotonic time. */
  readonly until: number;
}

/** An attempt that is under way. */
interface Attempt {
  readonly session: RunSession;
  readonly unit: Unit;
  readonly within: Within | null;
  /** 1-based. */
  readonly number: number;
  readonly control: AttemptControl;
  readonly span: AttemptSpan | null;
  /** By `performance.now()`. */
  readonly began: number;
  /** Monotonic time at which the worker was sure of its lease. */
  readonly sureAt: number;
}

export type AttemptResult =
  | {
      readonly outcome: 'succeeded';
      readonly result: string;
      readonly attempt: number;
      readonly durationMs: number;
      /** The result says `status: 'suspended'`. */
      readonly suspends: boolean;
    }
  /** `retryInMs` is null when no other attempt follows; `thrown` is what the handler threw, as it came. */
  | {
      readonly outcome: 'failed';
      readonly failure: FailedAttempt;
      readonly retryInMs: number | null;
      readonly thrown: unknown;
    }
  /** The run was lost or the process stops: the attempt does not count. */
  | { readonly outcome: 'abandoned' };

export type Succeeded = Extract<AttemptResult, { outcome: 'succeeded' }>;
export type FailedResult = Extract<AttemptResult, { outcome: 'failed' }>;

/**
 * Makes one attempt of a unit: calls the handler with a context, watches its time, checks what it returned, and decides
 * whether a failure is worth another attempt.
 *
 * Never rejects. A handler may throw anything, never settle, or settle after its timeout; the attempt ends all the same,
 * and what comes later is heard and dropped.
 */
export class AttemptRunner {
  constructor(
    private readonly limits: EngineLimits,
    private readonly clock: Clock,
    private readonly progress: ProgressSink,
    private readonly reports: RunReporter,
    /** Makes sure that the runs are still this worker's, or gives them up. Monotonic time at which that was known. */
    private readonly confirmLease: () => Awaitable<number>,
  ) {}

  /**
   * What comes of a handler that returns at once is at hand at once: without a promise for each part of the way, a step costs
   * a sixth less.
   *
   * @param within the transaction that the attempt is made in, and the monotonic time at which it has to be over.
   */
  attempt(session: RunSession, unit: Unit, within: Within | null = null): Awaitable<AttemptResult> {
    // Here and not by a timer alone: what this begins, another worker may have done and journaled by now.
    return andThen(this.confirmLease(), (sureAt) => this.begin(session, unit, within, sureAt));
  }

  private begin(session: RunSession, unit: Unit, within: Within | null, sureAt: number): Awaitable<AttemptResult> {
    if (session.lost) return { outcome: 'abandoned' };
    const number = (session.failuresOf(unit.key)?.attempts ?? 0) + 1;
    const control = new AttemptControl(session.id);
    const began = performance.now();
    session.track(control);
    const span = this.reports.attempting(session, unit, number);
    const attempt: Attempt = { session, unit, within, number, control, span, began, sureAt };
    try {
      const returned = this.call(attempt);
      return isThenable(returned) ? this.settle(attempt, returned) : this.succeeded(attempt, returned);
    } catch (thrown) {
      return this.threw(attempt, thrown);
    }
  }

  private call({ session, unit, within, number, control, span, sureAt }: Attempt): unknown {
    const manager = within?.manager ?? null;
    const ctx = new StepContext({ session, unit, attempt: number, control, manager, progress: this.progress });
    const origin = { runId: session.id, workflow: session.workflow.name, step: unit.key };
    const call = (): unknown => {
      // With nothing left to do in between: the process may have been stopped since.
      if (this.clock.monotonic() - sureAt > MOMENT_MS) throw new StoodStill();
      return unit.call(ctx);
    };
    return callHandler(origin, span === null ? call : () => span.run(call));
  }

  private async settle(attempt: Attempt, returned: PromiseLike<unknown>): Promise<AttemptResult> {
    try {
      return this.succeeded(attempt, await this.inTime(attempt, returned));
    } catch (thrown) {
      return this.threw(attempt, thrown);
    }
  }

  /** Waits for the handler, its timeout, the run's deadline or its abandonment, whichever comes first. */
  private inTime({ session, unit, within, control }: Attempt, returned: PromiseLike<unknown>): Promise<unknown> {
    const msLeft = within === null ? this.allowedMs(session, unit) : within.until - this.clock.monotonic();
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(msLeft, () => control.abandon(this.timeoutError(session, unit)));
      control.onStop((reason) => {
        timer.cancel();
        reject(reason);
      });
      returned.then(
        (value) => {
          timer.cancel();
          resolve(value);
        },
        (error: unknown) => {
          timer.cancel();
          reject(error);
        },
      );
    });
  }

  /** @throws InvalidPayloadError when the result is no plain JSON data. */
  private succeeded(attempt: Attempt, returned: unknown): AttemptResult {
    const { session, unit, number, began, span } = attempt;
    const result = serializePayload(returned, {
      where: `result of "${unit.key}" of workflow "${session.workflow.name}"`,
      limit: this.limits.payloadLimit,
    });
    const durationMs = performance.now() - began;
    span?.end('succeeded');
    over(attempt);
    return { outcome: 'succeeded', result, attempt: number, durationMs, suspends: isSuspension(returned) };
  }

  private threw(attempt: Attempt, thrown: unknown): Awaitable<AttemptResult> {
    const { session, unit, within, number, began, span } = attempt;
    const again = thrown instanceof StoodStill;
    span?.end(again || session.lost ? 'abandoned' : 'failed', thrown);
    over(attempt);
    if (again) return this.attempt(session, unit, within);
    if (session.lost) return { outcome: 'abandoned' };
    return this.failed(unit, number, performance.now() - began, thrown);
  }

  /** What an attempt that begins now may take: its own timeout, or what is left of the run's. */
  allowedMs(session: RunSession, unit: Unit): number {
    return Math.min(this.timeoutOf(unit), this.timeLeft(session));
  }

  /** What an attempt fails with that took longer than it may. */
  timeoutError(session: RunSession, unit: Unit): Error {
    if (this.timeLeft(session) <= 0) return new RunTimeoutError(session.id);
    return new StepTimeoutError(unit.key, this.timeoutOf(unit));
  }

  private timeoutOf(unit: Unit): number {
    return unit.options.timeoutMs ?? this.limits.jobTimeoutMs;
  }

  /** What the run's own timeout leaves. It does not bound what is undone because it has passed. */
  private timeLeft({ deadline, status }: RunSession): number {
    if (deadline === null || status === 'compensating') return Infinity;
    return Math.max(0, deadline - this.clock.monotonic());
  }

  /** Makes a failed attempt of something that went wrong after the handler returned, such as its commit. */
  failed(unit: Unit, attempt: number, durationMs: number, thrown: unknown): FailedResult {
    const decision = this.decide(unit, attempt, thrown);
    return {
      outcome: 'failed',
      thrown,
      retryInMs: decision.retryInMs,
      failure: {
        key: unit.key,
        attempt,
        durationMs,
        final: decision.retryInMs === null,
        error: toStoredError(decision.error, unit.key),
      },
    };
  }

  /** A retry policy is the author's code as well: when it throws, the unit has failed with what it threw. */
  private decide(unit: Unit, attempt: number, thrown: unknown): { retryInMs: number | null; error: unknown } {
    try {
      if (isPointless(thrown)) return { retryInMs: null, error: thrown };
      const policy = { ...this.limits.retry, ...unit.options.declared };
      if (attempt >= policy.maxAttempts) return { retryInMs: null, error: thrown };
      if (unit.options.retryIf && !unit.options.retryIf(thrown, attempt)) return { retryInMs: null, error: thrown };
      return { retryInMs: backoffMs(policy, attempt), error: thrown };
    } catch (error) {
      return { retryInMs: null, error };
    }
  }
}

/** Far more than it takes to prepare a call, less than anybody needs to take a run over. */
const MOMENT_MS = 50;

/** Thrown in place of a call that may come too late: the attempt is made anew, once the worker is sure of its lease again. */
class StoodStill extends Error {}

const POINTLESS = [
  NonRetryableError,
  InvalidPayloadError,
  InvalidDurationError,
  NotTransactionalError,
  RunTimeoutError,
  UnknownBranchError,
];

/**
 * The same input gives the same refusal. A result that is no JSON is the handler's bug, not a passing condition, and so is a
 * transaction that it ended itself: another attempt would only commit its effects once more.
 */
function isPointless(thrown: unknown): boolean {
  if (thrown instanceof TransactionNotCommittedError) return thrown.tag === null;
  return POINTLESS.some((type) => thrown instanceof type);
}

function over({ session, control }: Attempt): void {
  control.finish();
  session.untrack(control);
}

/** Duck-typed, so that an agent library's own suspended run is understood without a dependency on it. */
function isSuspension(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as { status?: unknown }).status === 'suspended';
}

import { durationMs, type Duration } from '../common/duration.js';
import { InvalidOptionError } from '../errors/index.js';
import type { VitalSigns, WorkerSigns } from './vital-signs.js';

export interface HealthOptions {
  /**
   * How long the oldest due run of the queue may have waited for a worker; `false` leaves the backlog out of the verdict,
   * as a probe that restarts processes should: a restart makes a backlog longer.
   *
   * @default '5m'
   */
  maxBacklogAge?: Duration | false;
  /** How long the database may take to answer, from 1 ms. @default '3s' */
  timeout?: Duration;
}

export type HealthStatus = 'up' | 'down';

/** How this process stands. `problems` says in words why it is `down`; it is empty when it is `up`. */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly problems: readonly string[];
  readonly database: { readonly status: HealthStatus; readonly latencyMs: number | null };
  /** `unknown` while the database does not answer. */
  readonly schema: { readonly status: HealthStatus | 'unknown'; readonly pending: readonly string[] };
  /** `none` in a process without a worker. */
  readonly worker: { readonly status: HealthStatus | 'none' } & Partial<WorkerSigns>;
  readonly backlog: {
    readonly status: HealthStatus | 'unknown';
    /** Due runs of the queue that nobody has taken. */
    readonly due: number | null;
    readonly oldestMs: number | null;
  };
}

const DEFAULT_BACKLOG_AGE = '5m';
/** Below the timeouts of probes, which are seconds, and above a slow checkpoint's wait for a disk. */
const DEFAULT_TIMEOUT = '3s';
/** A schema does not fall behind while a process runs, unless somebody drops it: no need to look at each probe. */
const SCHEMA_TRUSTED_MS = 60_000;

interface Answers {
  readonly latencyMs: number;
  readonly due: number;
  readonly oldestMs: number;
}

/**
 * Says whether this process can do its work: its worker holds a lease, the database answers, the schema is current, and what
 * is due is taken in time. Inject it anywhere; `nest-durable/terminus` has it as an indicator.
 *
 * @example
 * ```ts
 * const { status, problems } = await this.health.check({ maxBacklogAge: '1m' });
 * ```
 */
export class DurableHealth {
  private schemaSeenAt = -Infinity;

  constructor(private readonly signs: VitalSigns) {}

  /**
   * Never rejects for the state of the engine: that is what it reports.
   *
   * @throws InvalidDurationError, InvalidOptionError for options that cannot be used.
   */
  async check({
    maxBacklogAge = DEFAULT_BACKLOG_AGE,
    timeout = DEFAULT_TIMEOUT,
  }: HealthOptions = {}): Promise<HealthReport> {
    const limitMs = maxBacklogAge === false ? Infinity : durationMs(maxBacklogAge, 'option maxBacklogAge of check');
    const timeoutMs = durationMs(timeout, 'option timeout of check');
    if (timeoutMs < 1) throw new InvalidOptionError('timeout', timeout, 'at least 1 ms');
    const problems: string[] = [];
    const worker = this.worker(problems);
    const [answers, pending] = await within(timeoutMs, Promise.all([this.ask(), this.pending()]), problems);
    const behind = pending !== null && pending.length > 0;
    if (behind) problems.push(`the schema lacks ${pending.join(', ')}: bring it up to date`);
    const late = answers !== null && answers.oldestMs > limitMs;
    if (late)
      problems.push(`the oldest of ${answers.due} due runs has waited for ${Math.round(answers.oldestMs / 1000)} s`);
    return {
      status: problems.length === 0 ? 'up' : 'down',
      problems,
      database: { status: answers ? 'up' : 'down', latencyMs: answers && Math.round(answers.latencyMs) },
      schema: { status: pending === null ? 'unknown' : verdict(!behind), pending: pending ?? [] },
      worker,
      backlog: {
        status: answers === null ? 'unknown' : verdict(!late),
        due: answers && answers.due,
        oldestMs: answers && Math.round(answers.oldestMs),
      },
    };
  }

  private worker(problems: string[]): HealthReport['worker'] {
    const worker = this.signs.worker();
    if (worker === null) return { status: 'none' };
    const alive = worker.workerId !== null && worker.leaseLeftMs > 0;
    if (!alive) problems.push('the worker holds no lease: it executes nothing until it has one');
    return { status: verdict(alive), ...worker };
  }

  private async ask(): Promise<Answers> {
    const began = performance.now();
    // A connection that was lost since the last time fails once, and the next statement opens another.
    const lanes = await this.signs.due().catch(() => this.signs.due());
    return {
      latencyMs: performance.now() - began,
      due: lanes.reduce((sum, { runs }) => sum + runs, 0),
      oldestMs: lanes.reduce((most, { oldestMs }) => Math.max(most, oldestMs), 0),
    };
  }

  private async pending(): Promise<readonly string[]> {
    if (performance.now() - this.schemaSeenAt < SCHEMA_TRUSTED_MS) return [];
    const pending = await this.signs.pendingMigrations();
    if (pending.length === 0) this.schemaSeenAt = performance.now();
    return pending;
  }
}

function verdict(good: boolean): HealthStatus {
  return good ? 'up' : 'down';
}

/** What the database answered in time, or nothing and why. */
async function within<A, B>(
  timeoutMs: number,
  asking: Promise<readonly [A, B]>,
  problems: string[],
): Promise<readonly [A, B] | readonly [null, null]> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer in ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([asking, limit]);
  } catch (error) {
    // Its message may show addresses; the log of the engine has it.
    const reason =
      error instanceof Error && error.message.startsWith('it did') ? error.message : 'it cannot be reached';
    problems.push(`the database is not usable: ${reason}`);
    return [null, null];
  } finally {
    clearTimeout(timer);
  }
}

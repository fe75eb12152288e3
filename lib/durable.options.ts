import type { Clock } from './common/clock.js';
import type { Duration } from './common/duration.js';
import type { Backoff } from './definition/plan.js';

/** How this process executes runs. Every duration is a string (`'30s'`) or a number of milliseconds. */
export interface WorkerOptions {
  /** Runs executed at one time, from 1 to 10,000. @default 100 */
  concurrency?: number;
  /**
   * How often the database is asked for due runs when nothing announces them: from 10 ms, and less than `leaseDuration`.
   *
   * @default '1s', or half of a lease that is shorter than two
   */
  pollInterval?: Duration;
  /** How long a worker that stopped renewing keeps its runs; it renews three times in it. From 1 s to 1 h. @default '15s' */
  leaseDuration?: Duration;
  /** How long running steps may go on after a shutdown began. From 0 to 24 h. @default '20s' */
  shutdownTimeout?: Duration;
  /** What people call this worker, at most 200 characters; not an identity. @default `<hostname>:<pid>` */
  id?: string;
}

export interface DurableModuleOptions {
  /** Name of the TypeORM DataSource. @default the default DataSource */
  dataSource?: string;
  /** PostgreSQL schema that holds the tables, at most 63 bytes. @default 'durable' */
  schema?: string;
  /** Queue that runs are started in and that this worker serves, at most 200 characters. @default 'durable' */
  queue?: string;
  /** `false` in processes that only start and watch runs. @default {} */
  worker?: false | WorkerOptions;
  /** The longest one attempt of a step may take, where the step says nothing; from 1 ms. @default '10m' */
  jobTimeout?: Duration;
  /** Deliveries of a run whose worker keeps dying before it is given up, from 1 to 1000. @default 5 */
  maxAttempts?: number;
  /**
   * What steps that declare no `maxAttempts` (1 to 10,000) or `backoff` use.
   *
   * @default { maxAttempts: 3, backoff: 2 ** n s, at most 60 s }
   */
  retry?: { maxAttempts?: number; backoff?: Backoff };
  /** Largest payload in bytes of JSON, from 64 to 67,108,864 (64 MiB). @default 1_048_576 */
  payloadLimit?: number;
  /** Bring the schema up to date at start. @default true, false with NODE_ENV=production */
  migrate?: boolean;
  /**
   * Start on a database that may lose what it has committed (`fsync` or `synchronous_commit` is off), with a warning.
   * For throw-away databases only; the server can also say it of itself: `nest_durable.allow_unsafe_durability = on`.
   *
   * @default false
   */
  allowUnsafeDurability?: boolean;
  /** Record spans of runs with OpenTelemetry, where `@opentelemetry/api` is installed and a provider registered. @default true */
  tracing?: boolean;
  /** @default the database's clock */
  clock?: Clock;
}

/** The options after validation: nothing optional, durations in milliseconds. */
export interface ResolvedDurableOptions {
  readonly dataSource: string | undefined;
  readonly schema: string;
  readonly queue: string;
  readonly worker: ResolvedWorkerOptions | false;
  readonly jobTimeoutMs: number;
  readonly maxDeliveries: number;
  readonly retry: { readonly maxAttempts: number; readonly backoff: Backoff };
  readonly payloadLimit: number;
  readonly migrate: boolean;
  readonly tracing: boolean;
  readonly allowUnsafeDurability: boolean;
  readonly clock: Clock;
}

export interface ResolvedWorkerOptions {
  readonly concurrency: number;
  readonly pollIntervalMs: number;
  readonly leaseDurationMs: number;
  readonly shutdownTimeoutMs: number;
  readonly name: string;
}

import { hostname } from 'node:os';
import { SystemClock } from './common/clock.js';
import type { Clock } from './common/clock.js';
import { OptionReader } from './common/option-reader.js';
import { DEFAULT_MAX_ATTEMPTS, MAX_ATTEMPTS_LIMIT, defaultBackoff } from './common/retry-policy.js';
import type {
  DurableModuleOptions,
  ResolvedDurableOptions,
  ResolvedWorkerOptions,
  WorkerOptions,
} from './durable.options.js';
import { InvalidOptionError } from './errors/invalid-option.error.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * The bounds of the options, each with the mistake that it prevents.
 *
 * @see DurableModuleOptions for what the options mean.
 */
export const OPTION_BOUNDS = {
  /** Each run takes memory for its journal, and each step what it needs itself; more runs need more processes. */
  concurrency: { min: 1, max: 10_000 },
  /** Below, polling is a busy loop against the database; the upper bound is the lease, which it must not exceed. */
  pollInterval: { min: 10, max: HOUR },
  /** A lease is renewed three times in its duration: below a second, one slow query ends it. Above, crashes wait. */
  leaseDuration: { min: SECOND, max: HOUR },
  /** No orchestrator waits longer for a process to end. */
  shutdownTimeout: { min: 0, max: 24 * HOUR },
  /** 0 would fail every step. The upper bound is that of any duration. */
  jobTimeout: { min: 1, max: Infinity },
  /** Deliveries are counted in 15 bits; a run that killed so many workers will not stop at one more. */
  maxAttempts: { min: 1, max: 1000 },
  retryMaxAttempts: { min: 1, max: MAX_ATTEMPTS_LIMIT },
  /**
   * Below, hardly an id fits. Above, a batch of checkpoints would hold gigabytes in the worker's memory: PostgreSQL takes
   * such values, the process that carries hundreds of them does not.
   */
  payloadLimit: { min: 64, max: 64 * 1024 * 1024 },
} as const;

const DEFAULTS = {
  schema: 'durable',
  queue: 'durable',
  concurrency: 100,
  pollInterval: SECOND,
  leaseDuration: 15 * SECOND,
  shutdownTimeout: 20 * SECOND,
  jobTimeout: 10 * MINUTE,
  maxAttempts: 5,
  payloadLimit: 1_048_576,
} as const;

/** Every option there is. A record, so that a new option which is missing here does not compile. */
const MODULE_OPTIONS: Record<keyof DurableModuleOptions, true> = {
  dataSource: true,
  schema: true,
  queue: true,
  worker: true,
  jobTimeout: true,
  maxAttempts: true,
  retry: true,
  payloadLimit: true,
  migrate: true,
  allowUnsafeDurability: true,
  tracing: true,
  clock: true,
};
const WORKER_OPTIONS: Record<keyof WorkerOptions, true> = {
  concurrency: true,
  pollInterval: true,
  leaseDuration: true,
  shutdownTimeout: true,
  id: true,
};
const RETRY_OPTIONS: Record<keyof NonNullable<DurableModuleOptions['retry']>, true> = {
  maxAttempts: true,
  backoff: true,
};

const MODULE_KEYS = Object.keys(MODULE_OPTIONS);
const WORKER_KEYS = Object.keys(WORKER_OPTIONS);
const RETRY_KEYS = Object.keys(RETRY_OPTIONS);
const NESTED = [...WORKER_KEYS.map((key) => `worker.${key}`), ...RETRY_KEYS.map((key) => `retry.${key}`)];

const MODULE_SHAPE = { prefix: '', title: 'of DurableModule', keys: MODULE_KEYS, elsewhere: NESTED };
const WORKER_SHAPE = { prefix: 'worker', keys: WORKER_KEYS, elsewhere: MODULE_KEYS, expectation: 'false or an object' };
const RETRY_SHAPE = { prefix: 'retry', keys: RETRY_KEYS, elsewhere: MODULE_KEYS };

/**
 * Variables of the environment that win over the options, and their only value: `off`. For processes that boot an
 * application without being one of its workers or deployments, such as the command line.
 */
export const SWITCHES = { worker: 'NEST_DURABLE_WORKER', migrate: 'NEST_DURABLE_MIGRATE' } as const;

/**
 * Checks every option and fills in the defaults. An option that is `undefined` counts as not given.
 *
 * Messages never show the contents of objects, the value of an unknown option, or what looks like credentials.
 *
 * @param environment where `NODE_ENV` is read: `migrate` is on by default except in production, where bringing the
 * schema up to date is part of the deployment. {@link SWITCHES} are read there too.
 * @throws InvalidOptionError for the first option that is unknown or cannot be used.
 */
export function resolveDurableOptions(
  options: DurableModuleOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ResolvedDurableOptions {
  const read = OptionReader.of(options, MODULE_SHAPE);
  const worker = resolveWorker(options.worker);
  const migrate = read.boolean('migrate', environment.NODE_ENV !== 'production');
  return Object.freeze({
    dataSource: resolveDataSource(read.name('dataSource', undefined)),
    schema: read.schema('schema', DEFAULTS.schema),
    queue: read.name('queue', DEFAULTS.queue),
    worker: isOff(environment, SWITCHES.worker) ? false : worker,
    jobTimeoutMs: read.duration('jobTimeout', DEFAULTS.jobTimeout, OPTION_BOUNDS.jobTimeout),
    maxDeliveries: read.integer('maxAttempts', DEFAULTS.maxAttempts, OPTION_BOUNDS.maxAttempts),
    retry: resolveRetry(options.retry),
    payloadLimit: read.integer('payloadLimit', DEFAULTS.payloadLimit, OPTION_BOUNDS.payloadLimit),
    migrate: migrate && !isOff(environment, SWITCHES.migrate),
    tracing: read.boolean('tracing', true),
    allowUnsafeDurability: read.boolean('allowUnsafeDurability', false),
    clock: resolveClock(options.clock),
  });
}

/** A misspelt switch would leave on what somebody wanted off. */
function isOff(environment: Readonly<Record<string, string | undefined>>, name: string): boolean {
  const value = environment[name];
  if (value === undefined || value === '') return false;
  if (value === 'off') return true;
  throw new InvalidOptionError(name, value, "'off', or no value");
}

function resolveDataSource(name: string | undefined): string | undefined {
  if (name === undefined || !name.includes('://')) return name;
  const expectation = 'the name of a DataSource of the application; its address belongs into TypeOrmModule';
  throw new InvalidOptionError('dataSource', name, expectation, { shown: 'an address' });
}

function resolveWorker(worker: DurableModuleOptions['worker'] = {}): ResolvedWorkerOptions | false {
  if (worker === false) return false;
  const read = OptionReader.of(worker, WORKER_SHAPE);
  const leaseDurationMs = read.duration('leaseDuration', DEFAULTS.leaseDuration, OPTION_BOUNDS.leaseDuration);
  const pollIntervalMs = read.duration(
    'pollInterval',
    Math.min(DEFAULTS.pollInterval, leaseDurationMs / 2),
    OPTION_BOUNDS.pollInterval,
  );
  if (pollIntervalMs >= leaseDurationMs) {
    // Runs of a dead worker are found by polling: slower polling would make the lease longer than it says.
    const expectation = `less than worker.leaseDuration (${leaseDurationMs} ms)`;
    throw new InvalidOptionError('worker.pollInterval', worker.pollInterval, expectation);
  }
  return Object.freeze({
    concurrency: read.integer('concurrency', DEFAULTS.concurrency, OPTION_BOUNDS.concurrency),
    pollIntervalMs,
    leaseDurationMs,
    shutdownTimeoutMs: read.duration('shutdownTimeout', DEFAULTS.shutdownTimeout, OPTION_BOUNDS.shutdownTimeout),
    name: read.name('id', defaultWorkerName()),
  });
}

/** A host's name has at most 253 characters by DNS; what is too long for a name is cut from its front. */
function defaultWorkerName(): string {
  return `${hostname()}:${process.pid}`.slice(-200);
}

function resolveRetry(retry: DurableModuleOptions['retry'] = {}): ResolvedDurableOptions['retry'] {
  const read = OptionReader.of(retry, RETRY_SHAPE);
  return Object.freeze({
    maxAttempts: read.integer('maxAttempts', DEFAULT_MAX_ATTEMPTS, OPTION_BOUNDS.retryMaxAttempts),
    backoff: read.function('backoff', defaultBackoff, 'a function from the failed attempt (1-based) to seconds'),
  });
}

function resolveClock(clock: Clock | undefined): Clock {
  if (clock === undefined) return new SystemClock();
  const methods = ['fixed', 'monotonic', 'after', 'every'] as const;
  if (typeof clock === 'object' && clock !== null && methods.every((name) => typeof clock[name] === 'function')) {
    return clock;
  }
  throw new InvalidOptionError('clock', clock, 'a Clock with the methods fixed, monotonic, after and every');
}

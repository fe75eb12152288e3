import { OptionReader, type OptionsShape } from '../common/option-reader.js';
import type { MigrateFilter, MigrateOptions } from './plan-report.interface.js';
import type {
  CancelOptions,
  FindOptions,
  ListFilter,
  OrderOptions,
  PurgeOptions,
  ResultOptions,
  ResumeOptions,
  RetryRunOptions,
  SignalOptions,
  SkipOptions,
  StartOptions,
  TerminateOptions,
} from './run-options.interface.js';

/** Every key is needed, so that a new option which is missing here does not compile. */
const shape = <Options>(title: string, keys: Record<keyof Options, true>): OptionsShape => {
  return { prefix: '', title, keys: Object.keys(keys) };
};

const STARTED_ALONE: Record<keyof Omit<StartOptions, 'manager'>, true> = {
  idempotencyKey: true,
  tags: true,
  startAt: true,
  delay: true,
  version: true,
  queue: true,
  priority: true,
  timeout: true,
};
const ORDER = { by: true, reason: true } as const;

/**
 * The options of each call. One that is misspelt and ignored does harm: work that is done twice, or undone unasked, runs that
 * are deleted or moved, a rehearsal that is none, a wait without end.
 */
export const KNOWN_OPTIONS = {
  start: shape<StartOptions>('options of start', { ...STARTED_ALONE, manager: true }),
  /** A run that is waited for is not started in a transaction of the caller's, which could not commit meanwhile. */
  startAndWait: shape<Omit<StartOptions, 'manager'>>('options of startAndWait', STARTED_ALONE),
  list: shape<ListFilter>('filter of list', {
    status: true,
    workflow: true,
    version: true,
    parentRunId: true,
    idempotencyKey: true,
    tag: true,
    error: true,
    createdAfter: true,
    createdBefore: true,
    before: true,
    limit: true,
  }),
  purge: shape<PurgeOptions>('options of purge', { olderThan: true, status: true, onBatch: true }),
  migrateFilter: shape<MigrateFilter>('filter of migrate', {
    workflow: true,
    version: true,
    planHash: true,
    runIds: true,
  }),
  migrate: shape<MigrateOptions>('options of migrate', { ...ORDER, to: true, map: true, dryRun: true }),
  retry: shape<RetryRunOptions>('options of retry', { ...ORDER, from: true, dryRun: true }),
  skip: shape<SkipOptions>('options of skip', { ...ORDER, dryRun: true }),
  signal: shape<SignalOptions>('options of signal', { id: true, manager: true, by: true }),
  resume: shape<ResumeOptions>('options of resume', { by: true }),
  cancel: shape<CancelOptions>('options of cancel', { by: true, compensate: true }),
  terminate: shape<TerminateOptions>('options of terminate', { by: true }),
  pause: shape<OrderOptions>('options of pause', ORDER),
  unpause: shape<OrderOptions>('options of unpause', ORDER),
  find: shape<FindOptions>('options of find', { children: true, journal: true }),
  result: shape<ResultOptions>('options of result', { timeout: true }),
} as const;

/** @throws InvalidOptionError for what is no object, and for an option that does not exist, with the one that was meant. */
export function assertOptions(call: keyof typeof KNOWN_OPTIONS, options: unknown): void {
  OptionReader.of(options, KNOWN_OPTIONS[call]);
}

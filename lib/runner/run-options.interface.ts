import type { EntityManager } from 'typeorm';
import type { Duration } from '../common/duration.js';
import type { DurableWorkflow } from '../definition/durable-workflow.js';
import type { InputOf, ResultsOf, SignalPayloadOf } from '../definition/results-of.js';
import type { RunStatus } from '../definition/run-state.js';
import type { WorkflowClass } from '../definition/workflow-identity.js';

/** A workflow by its class, its builder, or its name. */
export type WorkflowTarget = string | DurableWorkflow | WorkflowClass<any>;

/** What a run of the target is started with: typed by a class whose methods declare their contexts. */
export type InputFor<T> = T extends WorkflowClass<infer W> ? InputOf<W> : unknown;

/**
 * The arguments of a start behind its workflow. An input that may be `null` may be left out; any other that a class asks
 * for may not.
 */
export type StartArguments<T, Options> =
  null extends InputFor<T> ? [input?: InputFor<T>, options?: Options] : [input: InputFor<T>, options?: Options];

/** What a run of the target results in: typed by a class whose methods declare their return types. */
export type ResultsFor<T> = T extends WorkflowClass<infer W> ? ResultsOf<W> : Record<string, any>;

export interface StartOptions {
  /** One key and workflow: one run, whatever is started twice. At most 512 characters. @default none */
  idempotencyKey?: string;
  /** Labels to find the run by, e.g. a customer or a region: at most 20, each of at most 100 characters. @default none */
  tags?: readonly string[];
  /** The first time the run may begin, by the database's clock. @default at once */
  startAt?: Date;
  /** How long the run waits before it begins. @default none */
  delay?: Duration;
  /** @default the highest version that is known */
  version?: number;
  /** @default the module's `queue` */
  queue?: string;
  /** From -32768 to 32767; a higher one is taken first. @default 0 */
  priority?: number;
  /** How long the run may take from its start to its end; then it fails and what completed is undone. @default no limit */
  timeout?: Duration;
  /**
   * The `EntityManager` of a transaction of yours: the run exists if and only if it commits. @default a transaction of
   * its own, shared with other starts
   */
  manager?: EntityManager;
}

/** Options that make sense for many runs at one time. */
export type StartManyOptions = Omit<StartOptions, 'idempotencyKey'> & {
  /** The key of each run, from its input and place. @default none */
  idempotencyKey?: (input: any, index: number) => string;
};

export interface ResultOptions {
  /** Rejects with `ResultTimeoutError` after this time; the run goes on. @default waits as long as it takes */
  timeout?: Duration;
}

export interface FindOptions {
  /** Also the children of the run, as a tree. @default false */
  children?: boolean;
  /** Also the journal rows. @default false */
  journal?: boolean;
}

export interface ListFilter {
  status?: RunStatus | readonly RunStatus[];
  /** A name, or a class or builder, whose version then counts too. */
  workflow?: WorkflowTarget;
  version?: number;
  parentRunId?: string;
  idempotencyKey?: string;
  /** Runs that carry this tag, or all of these. */
  tag?: string | readonly string[];
  /** Runs whose error's name, code or message contains this text, in any case; at most 200 characters. */
  error?: string;
  createdAfter?: Date;
  createdBefore?: Date;
  /** The `next` of the page before. @default the newest runs */
  before?: string;
  /** From 1 to 500. @default 50 */
  limit?: number;
}

/** Who gives an order and why; both are kept in the audit trail. */
export interface OrderOptions {
  /** A person or a program, at most 200 characters. @default not known */
  by?: string;
  /** At most 1000 characters. @default none */
  reason?: string;
}

/** Orders whose outcome depends on what a run has journaled. */
export interface DryRunOptions {
  /** Says whether the order would be accepted, and does nothing. @default false */
  dryRun?: boolean;
}

export interface SkipOptions extends OrderOptions, DryRunOptions {}

export interface RetryRunOptions extends OrderOptions, DryRunOptions {
  /**
   * A node that the run has reached: it goes on from there, and does that node and every later one anew. Their former
   * results are kept in the archive.
   *
   * @default the node, or the undo, that gave up
   */
  from?: string;
}

export interface TerminateOptions {
  /** Who asks for it, at most 200 characters. @default not known */
  by?: string;
}

/** A run by its id, or a workflow: all of its versions, or one. A class or builder stands for its own version. */
export type PauseTarget =
  string | Exclude<WorkflowTarget, string> | { readonly workflow: WorkflowTarget; readonly version?: number };

export interface ResumeOptions {
  /** An operator who does it by hand, at most 200 characters; then it is in the audit trail. @default none */
  by?: string;
}

export interface CancelOptions {
  /** Who asks for it, at most 200 characters. @default not known */
  by?: string;
  /** Undo what completed. @default true */
  compensate?: boolean;
}

export interface PurgeOptions {
  /** Runs that ended longer ago than this, or before this date. */
  olderThan: Duration;
  /** @default every status in which a run has ended, but `compensation_failed` */
  status?: RunStatus | readonly RunStatus[];
  /** Told after every batch how many runs have been deleted so far. @default nobody is told */
  onBatch?: (deleted: number) => void;
}

/** A run by its id, or by the workflow and key that it was started with; with a class, its signals are typed. */
export type SignalTarget<T extends WorkflowTarget = WorkflowTarget> =
  string | { readonly workflow: T; readonly idempotencyKey: string } | { readonly workflow: T; readonly runId: string };

/** What a signal of the target carries: typed by a class whose properties wait for it. */
export type SignalPayloadFor<T, Name extends string> =
  T extends WorkflowClass<infer W> ? SignalPayloadOf<W, Name> : unknown;

/** The arguments of a signal behind its name. A payload that may be `null` may be left out. */
export type SignalArguments<T, Name extends string> =
  null extends SignalPayloadFor<T, Name>
    ? [payload?: SignalPayloadFor<T, Name>, options?: SignalOptions]
    : [payload: SignalPayloadFor<T, Name>, options?: SignalOptions];

export interface SignalOptions {
  /** One id is stored once a run, however often it is sent. At most 512 characters. @default none: each call counts */
  id?: string;
  /** The `EntityManager` of a transaction of yours: the signal is sent if and only if it commits. @default none */
  manager?: EntityManager;
  /**
   * An operator who sends it by hand, at most 200 characters; then it is in the audit trail. Without `manager` only.
   *
   * @default none
   */
  by?: string;
}

/** What came of an order to a run. */
export interface Accepted {
  /** Whether the order takes effect. */
  readonly accepted: boolean;
  /** The run's status as the order left it. */
  readonly status: RunStatus;
}

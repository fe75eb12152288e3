import type { JournalKind } from '../../definition/journal-key.js';
import type { RunStatus } from '../../definition/run-state.js';
import type { PlanPlace, RunCount } from './plan-store.contract.js';
import type { StoredDefinition } from './plan-store.contract.js';
import type { StoredRun } from './run-admin.contract.js';
import type { RunInspector } from './run-facts.contract.js';
import type { StoredOperation, WorkflowPause } from './run-repair.contract.js';
import type { StoredError } from './records.js';

/** Which runs people ask for. What is absent does not filter. */
export interface RunSearch {
  readonly status?: readonly RunStatus[];
  readonly workflow?: string;
  readonly version?: number;
  readonly createdFrom?: Date;
  readonly createdBefore?: Date;
  readonly idempotencyKey?: string;
  /** Runs that carry all of these. */
  readonly tags?: readonly string[];
  /** Runs whose error's name, code or message contains this text, in any case. */
  readonly error?: string;
  readonly ids?: readonly string[];
  readonly parentId?: string;
  /** Keyset: runs older than this id. */
  readonly before?: string;
  /** Runs that are not newer than this id. */
  readonly upTo?: string;
  /** Runs newer than this id. */
  readonly after?: string;
}

export interface StatusCount {
  readonly status: RunStatus;
  /** At most one more than was asked for. */
  readonly count: number;
}

/** What runs in flight are grouped by, to say what they wait for. */
export interface WaitingGroup {
  readonly workflow: string;
  readonly version: number;
  readonly planHash: string;
  readonly cursor: number;
  readonly state:
    'held' | 'compensating' | 'paused' | 'plan_changed' | 'due' | 'delayed' | 'resume' | 'signal' | 'later' | 'never';
  readonly count: number;
}

/** What happened in one stretch of time. */
export interface ActivityBucket {
  /** Index from the beginning of the window. */
  readonly bucket: number;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly canceled: number;
}

export interface Activity {
  readonly now: Date;
  readonly buckets: readonly ActivityBucket[];
  /** When the oldest run that was looked at was created, where there are older ones. */
  readonly since: Date | null;
  readonly completedLastMinute: number;
}

export interface FailureGroup {
  readonly workflow: string;
  /** Name and message of the error. */
  readonly error: string;
  readonly count: number;
  /** The newest run of the group. */
  readonly sample: string;
}

export interface WorkerRecord {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly host: string;
  readonly pid: number;
  readonly workflows: readonly string[];
  readonly slots: number;
  readonly held: number;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
  readonly expiresAt: Date;
}

/** Due runs of which no living worker takes any. */
export interface UnservedRuns {
  readonly queue: string;
  readonly workflow: string;
  readonly version: number;
  readonly count: number;
}

/** A payload, cut; `length` is that of the whole, in characters. */
export interface CutPayload {
  /** The beginning of the JSON text. */
  readonly text: string;
  readonly length: number;
}

/** A row of a run's journal, or one of its failed attempts. */
export interface HistoryRow {
  readonly key: string;
  readonly kind: JournalKind | 'attempt';
  /** `null` for failed attempts. */
  readonly position: number | null;
  readonly attempt: number;
  readonly epoch: number;
  readonly durationMs: number;
  readonly at: Date;
  readonly error: StoredError | null;
  /** `null` for failed attempts. */
  readonly result: CutPayload | null;
}

/** Oldest first. */
export interface HistoryPage {
  readonly rows: readonly HistoryRow[];
  /** Where the next page begins, as an opaque text; `null` on the last. */
  readonly next: string | null;
}

/** A journal row without its result, where that is not about the plan itself. */
export interface MarkRow {
  readonly key: string;
  readonly kind: JournalKind;
  readonly position: number;
  readonly attempt: number;
  readonly durationMs: number;
  readonly at: Date;
  /** JSON text of what a wait waits for, and of what a route decided. */
  readonly says: string | null;
}

export interface AttemptRow {
  readonly key: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly final: boolean;
  readonly durationMs: number;
  readonly at: Date;
  readonly error: StoredError;
}

export interface SignalRow {
  readonly id: string;
  readonly name: string;
  readonly sentAt: Date;
  readonly consumedBy: string | null;
  readonly payload: CutPayload;
}

export interface ProgressRow {
  readonly key: string;
  readonly at: Date;
  readonly value: CutPayload;
}

export interface DefinitionRow {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly nodes: number;
  readonly registeredAt: Date;
}

/** Runs in flight by where they are in which plan. */
export type PlaceRuns = PlanPlace & Pick<RunCount, 'runs' | 'stopped'>;

/** What changes when anything of a run does. */
export interface RunMark {
  readonly id: string;
  readonly mark: string;
}

/** Names one payload of a run. */
export type PayloadName =
  | { readonly of: 'input' }
  | { readonly of: 'journal'; readonly key: string }
  | { readonly of: 'progress'; readonly key: string }
  | { readonly of: 'signal'; readonly id: string }
  | { readonly of: 'before' | 'after'; readonly id: string };

/**
 * What a screen for operators asks: many runs at a time, and single ones in all their parts. It changes nothing, every
 * answer is bounded, and every statement has a time limit of its own and connections that nothing else waits for.
 *
 * Calls are made once: whoever looks at a screen asks again.
 *
 * @throws StoreUnavailableError when the database is away, or the time limit was met.
 */
export interface DashboardStore {
  readonly inspector: RunInspector;

  now(): Promise<Date>;
  /** The newest first. */
  search(search: RunSearch, limit: number): Promise<readonly StoredRun[]>;
  /** How many runs match, at most `limit` + 1. */
  count(search: RunSearch, limit: number): Promise<number>;
  /** How many runs match, for each status that it allows; those with none are left out. */
  countByStatus(search: RunSearch, limit: number): Promise<readonly StatusCount[]>;
  /** About how many runs there are. */
  estimate(): Promise<number>;

  waiting(limit: number): Promise<readonly WaitingGroup[]>;
  activity(window: { readonly bucketMs: number; readonly buckets: number }, newest: number): Promise<Activity>;
  failures(since: Date, newest: number, groups: number): Promise<readonly FailureGroup[]>;
  /** The run that has been due for the longest time. */
  oldestDue(): Promise<StoredRun | null>;
  workers(): Promise<{ readonly now: Date; readonly workers: readonly WorkerRecord[] }>;
  unserved(limit: number): Promise<readonly UnservedRuns[]>;

  marks(runId: string, newest: number): Promise<readonly MarkRow[]>;
  attempts(runId: string, newest: number): Promise<readonly AttemptRow[]>;
  /** @param after the `next` of the page before; what is no such text is the beginning. */
  history(runId: string, after: string | null, limit: number, cut: number): Promise<HistoryPage>;
  signals(runId: string, newest: number, cut: number): Promise<readonly SignalRow[]>;
  progress(runId: string, limit: number, cut: number): Promise<readonly ProgressRow[]>;
  payload(runId: string, name: PayloadName, cut: number): Promise<CutPayload | null>;
  /** JSON texts of the results, with what is needed to put them together; `null` when they are larger than `limit` bytes. */
  results(
    runId: string,
    limit: number,
  ): Promise<readonly { readonly key: string; readonly kind: JournalKind; readonly result: string }[] | null>;

  /** The newest first; of one run the oldest first. */
  operations(
    place: { readonly runId: string } | { readonly before: string | null },
    limit: number,
  ): Promise<readonly StoredOperation[]>;

  /** Every place that runs in flight are at; see `PlanStore`. */
  places(): Promise<readonly PlaceRuns[]>;
  pauses(): Promise<readonly WorkflowPause[]>;
  definitions(): Promise<readonly DefinitionRow[]>;
  plans(refs: readonly Pick<DefinitionRow, 'name' | 'version' | 'hash'>[]): Promise<readonly StoredDefinition[]>;

  /** What tells that something of these runs changed. */
  runMarks(ids: readonly string[]): Promise<readonly RunMark[]>;
  /** The same of one run and of everything that belongs to it. */
  deepMark(id: string): Promise<string | null>;

  /** May be called twice. */
  close(): Promise<void>;
}

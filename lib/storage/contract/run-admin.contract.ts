import type { RunStatus } from '../../definition/run-state.js';
import type { EntityManager } from 'typeorm';
import type { CancelRequest, FailedAttempt, JournalEntry, StoredError } from './records.js';

/** A run as stored, without its payloads. */
export interface StoredRun {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly planHash: string;
  readonly status: RunStatus;
  readonly queue: string;
  readonly priority: number;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly cursor: number;
  readonly epoch: number;
  readonly deliveries: number;
  /** Failed attempts of claims up to this one no longer count: an operator retried the run since. */
  readonly retriedEpoch: number;
  readonly worker: string | null;
  readonly dueAt: Date | null;
  readonly pausedAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly awaiting: readonly string[] | null;
  readonly cancel: CancelRequest | null;
  readonly error: StoredError | null;
  readonly parentId: string | null;
  readonly parentKey: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

export interface StoredRunWithInput extends StoredRun {
  /** JSON text. */
  readonly input: string;
  /** Number of nodes of the run's plan, from its stored definition. */
  readonly totalSteps: number;
  /** The trace context of its start; `null` when nobody traced it. */
  readonly trace: string | null;
}

export interface StoredJournalEntry extends JournalEntry {
  readonly epoch: number;
  readonly completedAt: Date;
}

export interface StoredAttempt extends FailedAttempt {
  readonly epoch: number;
  readonly failedAt: Date;
}

export interface RunFilter {
  readonly status?: readonly RunStatus[];
  readonly workflow?: string;
  readonly version?: number;
  readonly parentId?: string;
  readonly idempotencyKey?: string;
  /** Runs that carry all of these. */
  readonly tags?: readonly string[];
  /** Runs whose error's name, code or message contains this text, in any case. */
  readonly error?: string;
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  /** Keyset: runs older than this id (ids grow with time). */
  readonly before?: string;
  readonly limit: number;
}

/** A run by its id, or by the business key that it was started with. */
export type RunAddress = { readonly runId: string } | { readonly workflow: string; readonly idempotencyKey: string };

/** A run as a signal finds it. */
export interface LocatedRun {
  readonly workflow: string;
  readonly version: number;
  readonly cursor: number;
  readonly awaiting: readonly string[] | null;
}

export interface SignalToSend {
  readonly id: string;
  readonly target: RunAddress;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  /** A signal with the same one is stored once a run. */
  readonly dedupeId: string | null;
  /** An operator who sends it, for the audit trail; signals of the application are not in it. */
  readonly by?: string | null;
}

export interface SignalOutcome {
  readonly runId: string;
  readonly status: RunStatus;
  readonly queue: string;
  /** A wait of the run takes it now. */
  readonly accepted: boolean;
  /** False when the run has ended, or when a signal with its id is there already. */
  readonly stored: boolean;
}

/** A transaction of the application. */
export interface Within {
  readonly manager: EntityManager;
  readonly onCommitted: () => void;
}

export type CancelOutcome = {
  readonly status: RunStatus;
  /** The run had not ended and is going to be canceled. */
  readonly accepted: boolean;
  /** The worker that holds it and must be told, if any. */
  readonly worker: string | null;
  /** The queue whose workers should look, when the request made the run due. */
  readonly queue: string | null;
};

export interface PurgeOptions {
  readonly finishedBefore: { readonly ageMs: number } | { readonly at: Date };
  readonly status: readonly RunStatus[];
  readonly batchSize: number;
  /** Told after every batch how many runs have been deleted so far. */
  readonly onBatch?: (deleted: number) => void;
}

/** The cold half of storage: what the runner and operators ask and order. */
export interface RunAdmin {
  find(runId: string): Promise<StoredRunWithInput | null>;
  list(filter: RunFilter): Promise<readonly StoredRun[]>;
  children(runId: string): Promise<readonly StoredRun[]>;
  journal(runId: string): Promise<readonly StoredJournalEntry[]>;
  attempts(runId: string): Promise<readonly StoredAttempt[]>;
  /** Of the given runs, those that have ended. One query, however many. */
  ended(runIds: readonly string[]): Promise<readonly { readonly id: string; readonly status: RunStatus }[]>;

  /**
   * Asks for a cancel: stores the request, raises the wake-up counter, makes a parked run due. A pending run that
   * journaled nothing is canceled on the spot. Locks one run row. `null` when the run does not exist.
   *
   * @param by who asks, for the audit trail.
   */
  cancel(runId: string, request: CancelRequest, by?: string | null): Promise<CancelOutcome | null>;

  /** What a run is a run of, and where it stands; in the transaction of `manager` when there is one. */
  locate(target: RunAddress, manager?: EntityManager): Promise<LocatedRun | null>;

  /**
   * Stores a signal for a run that has not ended, and wakes the run if it waits for it. Locks one run row. In the
   * transaction of `manager` when there is one, `onCommitted` being called after it. `null` when there is no such run.
   */
  signal(signal: SignalToSend, within?: Within): Promise<SignalOutcome | null>;

  /** Deletes finished runs with their journals, oldest first, in batches of their own transactions. */
  purge(options: PurgeOptions): Promise<number>;
}

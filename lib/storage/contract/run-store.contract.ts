import type { EntityManager } from 'typeorm';
import type { IsolationLevel } from '../../definition/plan.js';
import type {
  Checkpoint,
  CheckpointOutcome,
  ChildState,
  ClaimedRun,
  HolderNews,
  NewRun,
  StartOutcome,
  StoredSignal,
  PlanRef,
  WorkflowRef,
} from './records.js';

export interface ClaimRequest {
  readonly worker: string;
  readonly queue: string;
  readonly workflows: readonly PlanRef[];
  /** Free slots: at most this many runs are taken. */
  readonly limit: number;
  /** Runs that are suspected to kill their workers are taken a few at a time. @default they are not told apart */
  readonly suspects?: {
    /** Deliveries since a run's last progress from which it is suspected, at least 1. */
    readonly fromDeliveries: number;
    /** At most this many of them are taken, within `limit`. */
    readonly limit: number;
    /** Deliveries of one that is to be alone in its next delivery: nothing else is taken beside it. */
    readonly aloneAtDeliveries: number;
  };
}

export interface ClaimResult {
  readonly runs: readonly ClaimedRun[];
  /**
   * Milliseconds until the next run that this worker may take is due, by the store's clock; `null` when none is scheduled,
   * and when as many were taken as asked for, because others may be due already.
   */
  readonly nextDueInMs: number | null;
  /** The store's time of the claim: the claimed runs were due by then. */
  readonly now: Date;
}

/** Of the run alone, or with a `parentId`: those wait for the rows of the parents, so they stand apart. */
export type CheckpointKind = 'own' | 'family';

/** Looks at what stands before it is committed. */
export type AcceptStart = (outcomes: readonly StartOutcome[]) => void;

/**
 * The hot half of storage: everything a worker does to runs. Every method is one short transaction of its own, on
 * connections that the application's pool cannot exhaust.
 */
export interface RunStore {
  /** How many batches of checkpoints of a kind may be written at once, none of them with a run of another. */
  readonly lanes: Readonly<Record<CheckpointKind, number>>;

  /**
   * Creates runs. Repeating a call whose outcome is unknown is harmless: a run is identified by its id, and by
   * `(workflow, idempotencyKey)`. Outcomes are in the order of `runs`.
   */
  insertRuns(runs: readonly NewRun[]): Promise<readonly StartOutcome[]>;

  /**
   * Creates runs in one transaction of its own, if `accept` does not throw: then none of them is created.
   *
   * @throws StoreUnavailableError when the database could not be reached in 30 s.
   */
  insertRunsTogether(runs: readonly NewRun[], accept: AcceptStart): Promise<readonly StartOutcome[]>;

  /**
   * Creates runs in the transaction of `manager`, which the caller commits; what `accept` throws takes them back out of it.
   * `onCommitted` is called when it has committed.
   *
   * @throws ManagerNotInTransactionError when there is no such transaction.
   */
  insertRunsWithin(
    manager: EntityManager,
    runs: readonly NewRun[],
    hooks: { readonly accept: AcceptStart; readonly onCommitted: () => void },
  ): Promise<readonly StartOutcome[]>;

  /**
   * Takes due runs and loads their journals. Raises each run's epoch (which fences every earlier holder) and its
   * delivery count in the same statement. Never waits for a lock, never takes more than `limit`, never takes a workflow
   * version that is not listed. The journal is read after the claim committed: a statement's snapshot may be older than
   * the row version that it locked.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;

  /**
   * Writes a batch; at most one checkpoint a run. Locks each run row with its epoch in the condition before it writes
   * anything, which is the fence: a check without the lock lets a late write slip behind a takeover. Repeating a batch
   * whose outcome is unknown is harmless. Outcomes are in the order of `batch`.
   */
  checkpoint(kind: CheckpointKind, batch: readonly Checkpoint[]): Promise<readonly CheckpointOutcome[]>;

  /**
   * Runs `work` in one transaction of the application's pool and writes `checkpoint(result)` as its last statement
   * before COMMIT. Effects and checkpoint commit together or not at all; `lost` rolled them back. A commit that did not happen, by its command
   * tag, is an error. When the connection drops during COMMIT the outcome is read back from the journal.
   * Serialization failures and deadlocks run `work` again, a bounded number of times.
   */
  transact(request: TransactRequest): Promise<CheckpointOutcome>;

  /**
   * Gives back what the database says this worker holds apart from `held`: runs of a claim, or of a start, whose answer was
   * lost. Not counted as a crash. Must not run beside a claim of the same worker.
   *
   * @returns how many, and how many are left because somebody has locked them.
   */
  handBackOthers(worker: string, held: readonly string[]): Promise<{ readonly runs: number; readonly left: number }>;

  /**
   * What the handler of a transactional step returned, without classes of the library that its `manager` belongs to: what
   * that returns of a write is journaled as `{ identifiers?, affected? }`.
   */
  plainResult(returned: unknown): unknown;

  /** The signal that has waited longest of those with one of these names and was not taken yet, or `null`. */
  nextSignal(runId: string, names: readonly string[]): Promise<StoredSignal | null>;

  /** How a child stands, with its journal when it has completed; `null` when it does not exist (any more). */
  childState(childId: string): Promise<ChildState | null>;

  /**
   * Carries out each child's `parentClose` on the children of a run that have not ended: `cancel` asks for a cancel,
   * `terminate` ends them, and their children, without undoing anything. Repeating it is harmless.
   */
  closeChildren(parentId: string): Promise<readonly ClosedChild[]>;

  /** The workflows that operators have paused; a version that is `null` stands for all. One query. */
  pausedWorkflows(): Promise<readonly PausedWorkflow[]>;

  /** What an error of this store means for the one who wrote. */
  errorClass(error: unknown): StoreErrorClass;

  /** What came in for held runs. Runs that are gone are left out. One query, however many. */
  inspect(runIds: readonly string[]): Promise<readonly RunNews[]>;
}

export interface PausedWorkflow {
  readonly workflow: string;
  readonly version: number | null;
}

/** A child that was told that its parent is ending. */
export interface ClosedChild {
  readonly id: string;
  readonly queue: string;
  /** The worker that held it, if any. */
  readonly worker: string | null;
  /** Its workflow, where it was ended at once; `null` where it was asked to cancel. */
  readonly terminated: WorkflowRef | null;
}

/** Why children are closed: what `cancelReason` and events say of them. */
export const PARENT_ENDED = 'its parent ended';

/**
 * - `transient`: repeat the same call later; the outcome may be unknown, and repeating is harmless.
 * - `rejected`: the data of the batch was refused and nothing was written; its other records may pass without the bad one.
 * - `permanent`: the database cannot do it at all (a missing table, a missing privilege).
 */
export type StoreErrorClass = 'transient' | 'rejected' | 'permanent';

/** What a holder may not know yet about its run. */
export interface RunNews extends HolderNews {
  readonly id: string;
  readonly epoch: number;
}

/** One transaction that ends in a checkpoint. */
export interface TransactRequest {
  readonly runId: string;
  readonly isolation: IsolationLevel;
  /**
   * Ends the waiting for a connection, a lock or another try; `transact` rejects with its reason and has written nothing. It
   * does not end `work`, which has to see to that itself, nor a COMMIT that is under way.
   */
  readonly signal: AbortSignal;
  /**
   * Does the work and returns the checkpoint to commit with it. Called again, with a new `manager`, after a
   * serialization failure or a deadlock.
   */
  readonly work: (manager: EntityManager) => Promise<Checkpoint>;
}

/**
 * What `work` of {@link RunStore.transact} rejects with when the handler failed: the transaction rolls back and the error
 * passes through. `thrown` tells the store whether it was a conflict, after which `work` is called again.
 */
export class WorkFailedError extends Error {
  constructor(readonly thrown: unknown) {
    super('The work of a transaction failed.', { cause: thrown });
    this.name = 'WorkFailedError';
  }
}

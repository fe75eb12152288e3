import type { RunStatus } from '../../definition/run-state.js';
import type { ClosedChild, PausedWorkflow } from './run-store.contract.js';

/** What an operator can order. */
export type OperatorAction =
  'start' | 'signal' | 'resume' | 'cancel' | 'retry' | 'skip' | 'terminate' | 'pause' | 'unpause' | 'migrate' | 'purge';

/** A line of the audit trail for what people do through calls that keep none by themselves: a start, a signal, a purge. */
export interface OperationNote extends OrderedBy {
  /** `null` where it is about many runs. */
  readonly runId: string | null;
  /** `*` where it is about every workflow. */
  readonly workflow: string;
  readonly version: number | null;
  readonly action: OperatorAction;
  readonly before: object | null;
  readonly after: object | null;
}

/** Who gives an order and why, for the audit trail. */
export interface OrderedBy {
  readonly by: string | null;
  readonly reason: string | null;
}

/** An order that was given and what it changed. */
export interface StoredOperation extends OrderedBy {
  /** UUIDv7. */
  readonly id: string;
  /** `null` for an order to a workflow. */
  readonly runId: string | null;
  readonly workflow: string;
  /** `null` for an order to every version. */
  readonly version: number | null;
  readonly action: OperatorAction;
  readonly at: Date;
  /** JSON text of the parts of the run that the order changed; `null` where there is nothing to say. */
  readonly before: string | null;
  readonly after: string | null;
}

export type RetryOutcome =
  | { readonly outcome: 'accepted'; readonly status: RunStatus; readonly queue: string }
  | { readonly outcome: 'not_failed'; readonly status: RunStatus }
  /** These nodes were undone, so going on would build upon work that is no longer there. */
  | { readonly outcome: 'undone'; readonly status: RunStatus; readonly nodes: readonly string[] }
  /** It was canceled: it goes on undoing, and never forward. */
  | { readonly outcome: 'canceling'; readonly status: RunStatus }
  /** `from` is no node of the plan that the run was started with, or the run has not reached it. */
  | { readonly outcome: 'unknown_node' | 'not_reached'; readonly status: RunStatus; readonly nodes: readonly string[] };

export type SkipOutcome =
  | { readonly outcome: 'accepted'; readonly status: RunStatus; readonly queue: string }
  /** A worker executes it, or it has ended in another way, or what it has done is being undone. */
  | { readonly outcome: 'not_skippable'; readonly status: RunStatus; readonly held: boolean }
  | { readonly outcome: 'undone'; readonly status: RunStatus; readonly nodes: readonly string[] }
  /** The run stands at another node, or at the end of its plan. */
  | { readonly outcome: 'other_node'; readonly status: RunStatus; readonly current: string | null };

export interface TerminateOutcome {
  readonly accepted: boolean;
  readonly status: RunStatus;
  /** The worker that held it and must be told, if any. */
  readonly worker: string | null;
  /** The queue of the parent, when its parent became due. */
  readonly parentQueue: string | null;
}

export interface PauseOutcome {
  /** False when there was nothing to change: the run has ended, or was not paused. */
  readonly accepted: boolean;
  readonly status: RunStatus;
  readonly worker: string | null;
  readonly queue: string;
}

/** A workflow, or one version of it, whose runs are not executed. */
export interface WorkflowPause extends PausedWorkflow, OrderedBy {
  readonly pausedAt: Date;
}

/**
 * How operators put runs right. Every order locks the run row, decides on what it finds there, and writes the change and
 * its line in the audit trail in one transaction. Each answers `null` when the run does not exist.
 *
 * With `dryRun` an order decides as it would, and takes everything back.
 *
 * While the database is away an order repeats itself, unless a repetition could not tell that the first one counted.
 */
export interface RunRepair {
  /**
   * Makes a failed run due again with its attempts back. With `from`, the run goes on from that node: the rows of it and of
   * every later node are moved to the archive, and work that was undone there is done again.
   */
  retry(runId: string, from: string | null, order: OrderedBy, dryRun?: boolean): Promise<RetryOutcome | null>;

  /** Records `result` (JSON text) for the node that a failed or parked run stands at, and makes the run due. */
  skip(runId: string, node: string, result: string, order: OrderedBy, dryRun?: boolean): Promise<SkipOutcome | null>;

  /** Ends a run that has not ended, whoever holds it, without undoing anything, and wakes its parent. */
  terminate(runId: string, order: OrderedBy): Promise<TerminateOutcome | null>;

  /** Carries out `parentClose` of the children of an ended or skipped run. Repeating it is harmless. */
  closeChildren(runId: string): Promise<readonly ClosedChild[]>;

  /** Keeps a run from being claimed; who holds it lets it go at the next occasion. */
  pause(runId: string, order: OrderedBy): Promise<PauseOutcome | null>;
  unpause(runId: string, order: OrderedBy): Promise<PauseOutcome | null>;

  /** Keeps the runs of a workflow, or of one version, from being claimed or begun. False when it was paused already. */
  pauseWorkflow(workflow: string, version: number | null, order: OrderedBy): Promise<boolean>;
  /** Lifts the pause of one version, or every pause of a workflow. False when there was none. */
  unpauseWorkflow(workflow: string, version: number | null, order: OrderedBy): Promise<boolean>;
  pauses(): Promise<readonly WorkflowPause[]>;

  /** Writes a line into the audit trail, and nothing else. */
  note(note: OperationNote): Promise<void>;

  /** The audit trail of a run, oldest first. */
  operations(runId: string): Promise<readonly StoredOperation[]>;
}

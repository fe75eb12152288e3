import type { JournalKind } from '../definition/journal-key.js';
import type { RunStatus } from '../definition/run-state.js';
import type { OperatorAction } from '../storage/contract/run-repair.contract.js';
import type { StoredError } from '../storage/contract/records.js';

/** A run as it stands, without its payloads. */
export interface RunSummary {
  /** UUIDv7. */
  readonly id: string;
  readonly workflowName: string;
  readonly version: number;
  /** Names the plan that it is executed by, of those that the version has had. */
  readonly planHash: string;
  readonly status: RunStatus;
  readonly queue: string;
  readonly priority: number;
  readonly idempotencyKey: string | null;
  /** What it was labelled with when it was started. */
  readonly tags: readonly string[];
  /** Index of the node that is executed now or next, from 0. */
  readonly currentStep: number;
  readonly error: StoredError | null;
  /** The signal that the run waits for. */
  readonly awaitingSignal: string | null;
  /** Since when an operator keeps it from being claimed. */
  readonly pausedAt: Date | null;
  /** When the run goes on by itself: the end of a sleep, a backoff or a timeout, or the start that was asked for. */
  readonly wakeAt: Date | null;
  readonly parentRunId: string | null;
  /** Why it is being canceled, once somebody asked for it. */
  readonly cancelReason: string | null;
  /** The worker that holds it. */
  readonly workerId: string | null;
  /** Claims of the run so far; rises with every worker that takes it. */
  readonly epoch: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
  readonly deadlineAt: Date | null;
}

/** A run with its payloads. */
export interface RunSnapshot<Results = Record<string, any>> extends RunSummary {
  readonly input: any;
  /** Results of the nodes that have finished, by name. */
  readonly results: Partial<Results>;
  /** All results, once the run has completed; `null` before and otherwise. */
  readonly result: Results | null;
  /** Number of nodes of the plan. */
  readonly totalSteps: number;
  /** The attempt of the current node that is in progress or comes next, from 1. */
  readonly attempt: number;
  /** With `{ children: true }`. */
  readonly children: readonly RunSnapshot[];
  /** With `{ journal: true }`. */
  readonly journal: readonly JournalRecord[];
}

/** An order that somebody gave to a run: a line of the audit trail. */
export interface OperationRecord {
  /** UUIDv7. */
  readonly id: string;
  readonly action: OperatorAction;
  readonly at: Date;
  readonly by: string | null;
  readonly reason: string | null;
  /** What the order changed of the run, before and after it. */
  readonly before: any;
  readonly after: any;
}

/** A page of a list, newest first. */
export type RunPage = readonly RunSummary[] & {
  /** Pass it as `before` to get the next page; `null` on the last. */
  readonly next: string | null;
};

/** A finished unit of a run, or an attempt of one that failed. */
export interface JournalRecord {
  /** `node`, `node.branch`, `node#iteration`, or `undo:` before one of these. */
  readonly key: string;
  readonly kind: JournalKind | 'attempt';
  readonly status: 'completed' | 'failed';
  readonly result: unknown;
  readonly error: StoredError | null;
  readonly attempt: number;
  /** The claim under which it was written. */
  readonly epoch: number;
  /** The order of completion, from 0; `null` for failed attempts. */
  readonly position: number | null;
  readonly durationMs: number;
  readonly at: Date;
}

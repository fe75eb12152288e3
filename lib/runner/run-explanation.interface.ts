import type { NodeKind } from '../definition/plan.js';
import type { RunStatus } from '../definition/run-state.js';
import type { PlanDifference } from '../errors/index.js';
import type { StoredError } from '../storage/contract/records.js';

/** A worker as an explanation shows it. */
export interface ExplainedWorker {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** How long ago it was heard of, in milliseconds. */
  readonly heartbeatAgeMs: number;
}

/** How far the undoing of a run is. */
export interface ExplainedCompensation {
  readonly undone: number;
  /** What is undone and what is still owed. */
  readonly total: number;
  /** The unit that is undone next, e.g. `charge` or `pack#3`. */
  readonly undoNext: string | null;
}

/** A unit whose attempts fail. */
export interface ExplainedRetry {
  readonly unit: string;
  /** Attempts that have failed. */
  readonly failed: number;
  /** Attempts that it has, where its own plan or this process's module says so. */
  readonly maxAttempts: number;
  readonly error: StoredError;
}

/** The reason, and what belongs to it. */
export type ExplainedReason =
  /** It has ended, as `status` says. */
  | { readonly reason: 'ended'; readonly at: Date | null; readonly error: StoredError | null }
  /** A worker has it: it executes it, or begins it once its checkpoints keep up. */
  | { readonly reason: 'held'; readonly worker: ExplainedWorker }
  /** A worker held it that is not heard of any more; its runs are about to be given to others. */
  | { readonly reason: 'holder_lost'; readonly worker: ExplainedWorker | null }
  /** It is to be canceled; `worker` finishes what it is at. */
  | { readonly reason: 'canceling'; readonly cancelReason: string | null; readonly worker: ExplainedWorker | null }
  /** What it has done is being undone. */
  | ({ readonly reason: 'compensating'; readonly worker: ExplainedWorker | null } & ExplainedCompensation)
  /** An operator paused it, or its workflow; `worker` still finishes the unit that it is at. */
  | {
      readonly reason: 'paused';
      readonly target: 'run' | 'workflow';
      readonly since: Date;
      readonly by: string | null;
      readonly pauseReason: string | null;
      readonly worker: ExplainedWorker | null;
    }
  /** Its plan changed under it, and nothing is executed. */
  | { readonly reason: 'plan_changed'; readonly differences: readonly PlanDifference[]; readonly error: StoredError }
  /** It is due, and a worker is about to take it. */
  | { readonly reason: 'due'; readonly since: Date }
  /** It is due, and no living worker serves its queue. */
  | { readonly reason: 'no_worker'; readonly since: Date; readonly queue: string }
  /** It is due, and no living worker of its queue registers its workflow and version; `registered` are near ones. */
  | {
      readonly reason: 'not_registered';
      readonly since: Date;
      readonly queue: string;
      readonly registered: readonly string[];
    }
  /** It is due, and every worker that could take it is full. */
  | { readonly reason: 'workers_busy'; readonly since: Date; readonly workers: number; readonly slots: number }
  /** It is not to begin, or not to be taken again, before a time. */
  | { readonly reason: 'delayed'; readonly until: Date }
  | { readonly reason: 'sleeping'; readonly until: Date | null }
  | ({ readonly reason: 'waiting_for_retry'; readonly until: Date } & ExplainedRetry)
  | {
      readonly reason: 'waiting_for_signal';
      readonly signals: readonly string[];
      /** When the wait ends without a signal. */
      readonly until: Date | null;
    }
  | {
      readonly reason: 'waiting_for_child';
      readonly child: {
        readonly id: string;
        readonly workflowName: string;
        readonly version: number;
        readonly status: RunStatus;
      };
    }
  /** A step was suspended; `resume` enters it again. */
  | { readonly reason: 'waiting_for_resume' }
  /** It is parked, and what it waits for is in a plan that is not stored. */
  | { readonly reason: 'parked'; readonly until: Date | null };

/** Why a run is where it is, and what moves it on. */
export type RunExplanation = {
  readonly runId: string;
  readonly workflowName: string;
  readonly version: number;
  readonly status: RunStatus;
  /** The database's time of this explanation; every other time is by the same clock. */
  readonly now: Date;
  /** The node that it stands at. */
  readonly node: { readonly name: string; readonly kind: NodeKind; readonly index: number } | null;
  /** When the run as a whole is given up. */
  readonly deadlineAt: Date | null;
  /** One sentence. */
  readonly summary: string;
  /** What comes next, or what to do about it, whether by code, at a terminal or in the dashboard. */
  readonly next: string;
} & ExplainedReason;

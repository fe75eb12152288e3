import type { JournalKind } from '../../definition/journal-key.js';
import type { PlanJson } from '../../definition/plan-json.js';
import type { RunStatus } from '../../definition/run-state.js';
import type { StoredError } from './records.js';
import type { StoredRun } from './run-admin.contract.js';
import type { OrderedBy, WorkflowPause } from './run-repair.contract.js';

/** A process that executes runs, as its row says. */
export interface WorkerFacts {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  readonly queue: string;
  /** `name@version` of every workflow that it executes. */
  readonly workflows: readonly string[];
  /** Runs that it executes at one time. */
  readonly slots: number;
  /** Runs that it holds. */
  readonly held: number;
  readonly heartbeatAt: Date;
  /** Its lease ends then. */
  readonly expiresAt: Date;
}

/** A journal row without its result, which only the row of a wait has here: what the run waits for. */
export interface JournalMark {
  readonly key: string;
  readonly kind: JournalKind;
  readonly position: number;
  /** JSON text. */
  readonly wait: string | null;
}

/** The failed attempts, since the last retry, of a unit that has not finished. */
export interface FailingUnit {
  readonly key: string;
  readonly attempts: number;
  /** No other attempt follows. */
  readonly final: boolean;
  readonly error: StoredError;
  readonly failedAt: Date;
}

export interface ChildFacts {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: RunStatus;
}

/** Everything that says why a run stands where it stands. */
export interface RunFacts {
  /** The store's time. */
  readonly now: Date;
  readonly run: StoredRun;
  /** The plan that the run goes by; `null` when it was never stored. */
  readonly plan: PlanJson | null;
  /** The worker that the run's row names, unless its own row is gone. */
  readonly holder: WorkerFacts | null;
  /** Who paused the run, when it is paused. */
  readonly pausedBy: OrderedBy | null;
  /** A pause of its workflow. */
  readonly workflowPause: WorkflowPause | null;
  /** Of a run that is being undone, every row; else those that say what its current node waits for. */
  readonly journal: readonly JournalMark[];
  /** The one that failed last comes first. */
  readonly failing: readonly FailingUnit[];
  /** The child that its current node has started last. */
  readonly child: ChildFacts | null;
  /** Living workers that serve its queue, or that register its workflow. */
  readonly workers: readonly WorkerFacts[];
}

/** Looks at one run from all sides. Changes nothing. */
export interface RunInspector {
  /** Three queries, whatever the run has done. `null` when there is no such run. */
  facts(runId: string): Promise<RunFacts | null>;
}

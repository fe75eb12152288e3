import type { PlanJson } from '../../definition/plan-json.js';
import type { PlanDifference } from '../../errors/index.js';
import type { CappedCount, DashboardAction, Time } from './common.contract.js';
import type { OperationView } from './run.contract.js';

/** One plan that a version has, or had. */
export interface PlanView {
  readonly version: number;
  readonly hash: string;
  readonly nodes: number;
  readonly registeredAt: Time | null;
  /** Registered by this very process. */
  readonly registeredHere: boolean;
  /** Registered by living workers, by name and version. */
  readonly workers: number;
  /** Runs by this plan that have not ended. */
  readonly inFlight: number;
  /** Of these, how many stand still because their plan changed. */
  readonly stopped: number;
}

export interface WorkflowView {
  readonly name: string;
  /** Highest version first; of one version the newest plan first. */
  readonly plans: readonly PlanView[];
  readonly pauses: readonly {
    /** null: every version. */
    readonly version: number | null;
    readonly pausedAt: Time;
    readonly by: string | null;
    readonly reason: string | null;
  }[];
  /** What the person may do to the workflow: `pause`, `unpause` or nothing. */
  readonly allowed: readonly DashboardAction[];
}

export interface WorkflowsAnswer {
  readonly now: Time;
  readonly workflows: readonly WorkflowView[];
}

export interface WorkflowAnswer {
  readonly now: Time;
  readonly workflow: WorkflowView;
  readonly plan: PlanJson;
  /** Runs in flight by the node that they are at, of this very plan. Behind the last node: `node` is null. */
  readonly places: readonly {
    readonly node: string | null;
    readonly index: number;
    readonly runs: number;
    readonly stopped: number;
  }[];
}

/** Of one name: `from` and `to` are `<version>` or `<version>:<hash>`. */
export interface DifferenceQuery {
  readonly from: string;
  readonly to: string;
}

/** Two plans side by side. */
export interface DifferenceAnswer {
  readonly from: PlanJson;
  readonly to: PlanJson;
  /** Rows in the order of both plans; one side is null where a node is only in the other. */
  readonly rows: readonly {
    readonly change: 'same' | 'changed' | 'added' | 'removed' | 'moved';
    /** Index in its plan. */
    readonly from: number | null;
    readonly to: number | null;
    /** What changed, one line each. */
    readonly details: readonly string[];
  }[];
  /** Whether runs in flight by `from`, wherever they are, could go on by `to`; the reasons why not. */
  readonly differences: readonly PlanDifference[];
}

/** `pause` or `unpause`; of one version, or of all. */
export interface WorkflowActionBody {
  readonly version?: number;
  readonly reason?: string;
}

export interface WorkflowActionAnswer {
  readonly accepted: boolean;
  readonly summary: string;
}

export interface WorkerView {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  readonly host: string;
  readonly pid: number;
  /** `name@version`. */
  readonly workflows: readonly string[];
  readonly slots: number;
  /** Runs that it holds now. */
  readonly held: number;
  readonly startedAt: Time;
  readonly heartbeatAt: Time;
  readonly heartbeatAgeMs: number;
  /** `late`: its lease has ended and it is about to be swept. */
  readonly state: 'alive' | 'late';
}

export interface WorkersAnswer {
  readonly now: Time;
  readonly workers: readonly WorkerView[];
  /** Due runs by queue, workflow and version that no living worker would take. */
  readonly unserved: readonly ({
    readonly queue: string;
    readonly workflowName: string;
    readonly version: number;
  } & CappedCount)[];
}

export interface DefinitionsAnswer {
  readonly now: Time;
  /** By name, then the highest version first. */
  readonly definitions: readonly ({ readonly name: string } & PlanView)[];
}

/** Newest first, 100 a page. */
export interface OperationsAnswer {
  readonly now: Time;
  readonly operations: readonly OperationView[];
  readonly next: string | null;
}

import type { PlanJson } from '../definition/plan-json.js';
import type { PlanDifference } from '../errors/index.js';
import type { OrderOptions, WorkflowTarget } from './run-options.interface.js';

/** A plan as plain JSON, and as a drawing. */
export type DescribedPlan = PlanJson & {
  /** A Mermaid flowchart. Not enumerable, so that the plan stays data. */
  readonly mermaid: string;
};

export interface PlanOptions {
  /** The very plan, of those that the version has had: `planHash` of a run. @default the present one */
  hash?: string;
}

/** What the code of this process would do with runs in flight. */
export interface PlanCheck {
  readonly workflow: string;
  readonly version: number;
  /** The plan that the runs have been executed by. */
  readonly planHash: string;
  /** The plan that this process registers for the version; `null` when it has none. */
  readonly registeredHash: string | null;
  /**
   * - `unchanged`: the plan is the same.
   * - `goesOn`: the plan changed, and the runs go on by the new one.
   * - `stops`: they would stand still, with `differences` as the reason.
   * - `notRegistered`: this process has no code for the version; the runs wait for one that has.
   */
  readonly verdict: 'unchanged' | 'goesOn' | 'stops' | 'notRegistered';
  /** Index of the node that the runs are in. */
  readonly currentStep: number;
  /** Its name; `null` behind the last one, or when the plan is not stored. */
  readonly currentNode: string | null;
  readonly differences: readonly PlanDifference[];
  readonly runs: number;
  /** How many of them stand still now because of a changed plan. */
  readonly stopped: number;
  /** Ids of the oldest and the newest one. */
  readonly sample: readonly string[];
}

/** Which runs to move. */
export interface MigrateFilter {
  /** A name, or a class or builder, which stands for its version, too. */
  workflow: WorkflowTarget;
  /** @default that of the class or builder; for a name every version */
  version?: number;
  /** Only runs that were executed by this plan. @default every plan */
  planHash?: string;
  /** Only these runs. @default all */
  runIds?: readonly string[];
}

export interface MigrateOptions extends OrderOptions {
  /** The version to move to, or its class or builder. It may be the runs' own version, when its plan has changed. */
  to: number | Exclude<WorkflowTarget, string>;
  /** Present names of nodes by their former ones. @default every node keeps its name */
  map?: Readonly<Record<string, string>>;
  /** Says what would be done, and does nothing. @default false */
  dryRun?: boolean;
}

/** Where a run is in which plan. */
export interface PlanPosition {
  readonly version: number;
  readonly planHash: string;
  readonly currentStep: number;
}

/** What became of one run, or would. */
export interface MigrationResult {
  readonly runId: string;
  /** `movable` is said by a dry run. */
  readonly outcome: 'moved' | 'movable' | 'refused';
  /** Why it was refused. */
  readonly reasons: readonly string[];
  readonly from: PlanPosition;
  /** `null` when it was refused. */
  readonly to: PlanPosition | null;
}

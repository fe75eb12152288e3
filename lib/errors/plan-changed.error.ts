import { DurableError } from './durable.error.js';

/** One difference between the plan that a run was executed by and the plan that is registered now. */
export type PlanDifference = {
  /** `unknown`: the run's plan is not stored, so nothing can be compared. */
  readonly change:
    'removed' | 'renamed' | 'inserted' | 'moved' | 'kind' | 'branch' | 'child' | 'compensation' | 'unknown';
  /** The node of the run's own plan; `null` when that is unknown. */
  readonly node: string | null;
  /** Its place in the run's own plan, from 0; -1 when that is unknown. */
  readonly index: number;
  /** E.g. `node 2 was "charge" (step) and is now "pay" (step)`. */
  readonly text: string;
};

/** The code of a workflow version no longer matches what a run in flight has already done. Nothing was executed. */
export class PlanChangedError extends DurableError {
  static override readonly code: string = 'DURABLE_PLAN_CHANGED';

  constructor(
    readonly runId: string,
    readonly workflow: string,
    readonly version: number,
    /** E.g. `node 2 was "charge" (step) and is now "pay" (step)`. */
    readonly difference: string,
  ) {
    super(
      PlanChangedError.code,
      `Run ${runId} cannot go on: workflow "${workflow}" version ${version} changed under it: ${difference}. Deploy the former plan again, and give changed plans a new version.`,
    );
  }
}

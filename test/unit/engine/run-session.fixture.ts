import { SystemClock } from '../../../lib/common/clock.js';
import { durable, type DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import { RunSession } from '../../../lib/engine/execution/run-session.js';
import type { ClaimedRun } from '../../../lib/storage/contract/records.js';

export const PLAN: DurableWorkflow = durable('plan')
  .step('one', () => 1)
  .step('two', () => 2);

/** A run as a claim returns it, under the plan of two steps. */
export function session(run: Partial<ClaimedRun> = {}, plan: DurableWorkflow = PLAN): RunSession {
  const claimed = {
    id: '01890000-0000-7000-8000-000000000001',
    workflow: plan.name,
    version: plan.version,
    planHash: plan.hash,
    previousStatus: 'pending',
    status: 'running',
    epoch: 1,
    cursor: 0,
    deliveries: 1,
    wakeups: 0,
    cancel: null,
    input: 'null',
    error: null,
    parentId: null,
    parentKey: null,
    trace: null,
    waitedMs: 0,
    deadlineInMs: null,
    journal: [],
    failures: new Map(),
    progress: new Map(),
    ...run,
  } as unknown as ClaimedRun;
  return new RunSession(claimed, plan, new SystemClock());
}

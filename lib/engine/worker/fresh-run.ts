import type { ClaimedRun, NewRun } from '../../storage/contract/records.js';

/** A run that was inserted already claimed, as a claim would have returned it. */
export function freshRun(run: NewRun): ClaimedRun {
  return {
    id: run.id,
    workflow: run.workflow,
    version: run.version,
    planHash: run.planHash,
    previousStatus: 'pending',
    begun: false,
    status: 'running',
    epoch: 1,
    cursor: 0,
    deliveries: 1,
    wakeups: 0,
    cancel: null,
    input: run.input,
    error: null,
    parentId: run.parentId,
    parentKey: run.parentKey,
    trace: run.trace,
    waitedMs: 0,
    deadlineInMs: run.timeoutMs,
    journal: [],
    failures: NONE,
    progress: NONE,
    redone: NONE,
  };
}

/** One for all runs: whoever holds one of them holds nothing else. */
const NONE: ReadonlyMap<string, never> = new Map<string, never>();

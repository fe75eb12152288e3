import type { PlanJson } from '../../definition/plan-json.js';
import type { StoredError } from '../../storage/contract/records.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { CappedCount, ErrorView, RunRow } from '../api/dashboard-api.contract.js';
import type { PlanCache } from './plan-cache.js';

/** Counting further tells nobody more, and takes longer with every run. */
export const COUNT_LIMIT = 10_000;

export function cappedCount(count: number, limit = COUNT_LIMIT): CappedCount {
  return { count: Math.min(count, limit), capped: count > limit };
}

export function timeOf(time: Date): string;
export function timeOf(time: Date | null): string | null;
export function timeOf(time: Date | null): string | null {
  return time && time.toISOString();
}

/** A run as lists show it. Its plan has to be in the cache. */
export function toRunRow(run: StoredRun, plans: PlanCache): RunRow {
  return rowOf(run, plans.get(run));
}

function rowOf(run: StoredRun, plan: PlanJson | null): RunRow {
  const { error } = run;
  return {
    id: run.id,
    workflowName: run.workflow,
    version: run.version,
    status: run.status,
    queue: run.queue,
    priority: run.priority,
    idempotencyKey: run.idempotencyKey,
    tags: run.tags,
    currentStep: run.cursor,
    currentNode: plan?.nodes[run.cursor]?.name ?? null,
    totalSteps: plan?.nodes.length ?? run.cursor,
    error: error && { name: error.name, message: error.message, ...optional(error) },
    awaitingSignal: run.awaiting?.[0] ?? null,
    pausedAt: timeOf(run.pausedAt),
    wakeAt: timeOf(run.dueAt),
    parentRunId: run.parentId,
    cancelReason: run.cancel?.reason ?? null,
    workerId: run.worker,
    createdAt: timeOf(run.createdAt),
    startedAt: timeOf(run.startedAt),
    updatedAt: timeOf(run.updatedAt),
    finishedAt: timeOf(run.finishedAt),
  };
}

/** An error with its stack and causes. What else its class holds stays on the server. */
export function toErrorView(error: StoredError): ErrorView {
  return {
    name: error.name,
    message: error.message,
    ...optional(error),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: toErrorView(error.cause) }),
  };
}

function optional({ code, step }: StoredError): Pick<ErrorView, 'code' | 'step'> {
  return { ...(code === undefined ? {} : { code }), ...(step === undefined ? {} : { step }) };
}

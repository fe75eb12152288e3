import type { RunStatus } from '../../../definition/run-state.js';
import type { StoredError } from '../../contract/records.js';
import type { StoredRun, StoredRunWithInput } from '../../contract/run-admin.contract.js';
import { toCancelRequest } from '../rows.js';

/** A row of RUN_COLUMNS; `json` columns are text. */
export interface RunRow {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly plan_hash: string;
  readonly status: RunStatus;
  readonly queue: string;
  readonly priority: number;
  readonly idempotency_key: string | null;
  readonly tags: readonly string[];
  readonly cursor: number;
  readonly epoch: number;
  readonly deliveries: number;
  readonly retried_epoch: number;
  readonly worker_id: string | null;
  readonly due_at: Date | null;
  readonly paused_at: Date | null;
  readonly deadline_at: Date | null;
  readonly awaiting: readonly string[] | null;
  readonly cancel: string | null;
  readonly error: string | null;
  readonly parent_id: string | null;
  readonly parent_key: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly updated_at: Date;
  readonly finished_at: Date | null;
}

export interface RunWithInputRow extends RunRow {
  readonly input: string;
  readonly nodes: number;
  readonly trace: string | null;
}

export function toStoredRun(row: RunRow): StoredRun {
  return {
    id: row.id,
    workflow: row.workflow,
    version: row.version,
    planHash: row.plan_hash,
    status: row.status,
    queue: row.queue,
    priority: row.priority,
    idempotencyKey: row.idempotency_key,
    tags: row.tags,
    cursor: row.cursor,
    epoch: row.epoch,
    deliveries: row.deliveries,
    retriedEpoch: row.retried_epoch,
    worker: row.worker_id,
    dueAt: row.due_at,
    pausedAt: row.paused_at,
    deadlineAt: row.deadline_at,
    awaiting: row.awaiting,
    cancel: toCancelRequest(row.cancel),
    error: row.error === null ? null : (JSON.parse(row.error) as StoredError),
    parentId: row.parent_id,
    parentKey: row.parent_key,
    createdAt: row.created_at,
    startedAt: row.started_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}

export function toStoredRunWithInput(row: RunWithInputRow): StoredRunWithInput {
  return { ...toStoredRun(row), input: row.input, totalSteps: row.nodes, trace: row.trace };
}

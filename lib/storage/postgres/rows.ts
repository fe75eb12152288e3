import type { JournalKind } from '../../definition/journal-key.js';
import type { RunStatus } from '../../definition/run-state.js';
import type { CancelRequest, ClaimedRun, JournalEntry, StoredError, UnitFailures } from '../contract/records.js';

/** Rows of the hot statements as the driver returns them; `json` columns are text. */
export interface ClaimedRow {
  readonly id: string | null;
  readonly workflow: string;
  readonly version: number;
  readonly plan_hash: string;
  readonly previous_status: RunStatus;
  readonly begun: boolean;
  readonly status: RunStatus;
  readonly epoch: number;
  readonly retried_epoch: number;
  readonly cursor: number;
  readonly deliveries: number;
  readonly wakeups: number;
  readonly cancel: string | null;
  readonly input: string;
  readonly error: string | null;
  readonly parent_id: string | null;
  readonly parent_key: string | null;
  readonly trace: string | null;
  readonly deadline_in_ms: number | null;
  readonly waited_ms: number;
  readonly next_due_ms: number | null;
  readonly now: Date;
}

export interface JournalRow {
  readonly run_id: string;
  readonly key: string;
  readonly kind: JournalKind;
  readonly position: number;
  readonly attempt: number;
  readonly duration_ms: number;
  readonly result: string;
}

export interface FailureRow {
  readonly run_id: string;
  readonly key: string;
  readonly attempts: number;
  readonly final: boolean;
  readonly error: string;
  readonly ago_ms: number;
}

export interface ProgressRow {
  readonly run_id: string;
  readonly key: string;
  readonly value: string;
}

export interface CheckpointRow {
  /** Place in the batch, from 1. */
  readonly ordinal: number;
  readonly passed: boolean;
  readonly applied: boolean;
  readonly mine: boolean;
  readonly wakeups: number;
  readonly cancel: string | null;
  readonly paused: boolean;
}

export interface RedoneRow {
  readonly run_id: string;
  readonly key: string;
  readonly times: number;
}

/** What belongs to one run besides its own row. */
export interface RunDetails {
  readonly journal: JournalEntry[];
  readonly failures: Map<string, UnitFailures>;
  readonly progress: Map<string, string>;
  readonly redone: Map<string, number>;
}

export function toCancelRequest(text: string | null): CancelRequest | null {
  return text === null ? null : (JSON.parse(text) as CancelRequest);
}

export function toJournalEntry(row: JournalRow): JournalEntry {
  return {
    key: row.key,
    kind: row.kind,
    result: row.result,
    attempt: row.attempt,
    position: row.position,
    durationMs: row.duration_ms,
  };
}

export function toClaimedRun(row: ClaimedRow & { id: string }, details: RunDetails | undefined): ClaimedRun {
  return {
    id: row.id,
    workflow: row.workflow,
    version: row.version,
    planHash: row.plan_hash,
    previousStatus: row.previous_status,
    begun: row.begun,
    status: row.status,
    epoch: row.epoch,
    cursor: row.cursor,
    deliveries: row.deliveries,
    wakeups: row.wakeups,
    cancel: toCancelRequest(row.cancel),
    input: row.input,
    error: row.error === null ? null : (JSON.parse(row.error) as StoredError),
    parentId: row.parent_id,
    parentKey: row.parent_key,
    trace: row.trace,
    deadlineInMs: row.deadline_in_ms,
    waitedMs: row.waited_ms,
    journal: details?.journal ?? [],
    failures: details?.failures ?? new Map(),
    progress: details?.progress ?? new Map(),
    redone: details?.redone ?? new Map(),
  };
}

import type { StoredError } from '../../contract/records.js';
import type { StoredAttempt, StoredJournalEntry } from '../../contract/run-admin.contract.js';
import { toJournalEntry, type JournalRow } from '../rows.js';

export interface StoredJournalRow extends JournalRow {
  readonly epoch: number;
  readonly completed_at: Date;
}

export interface StoredAttemptRow {
  readonly key: string;
  readonly epoch: number;
  readonly attempt: number;
  readonly final: boolean;
  readonly duration_ms: number;
  readonly failed_at: Date;
  readonly error: string;
}

export function toStoredJournalEntry(row: StoredJournalRow): StoredJournalEntry {
  return { ...toJournalEntry(row), epoch: row.epoch, completedAt: row.completed_at };
}

export function toStoredAttempt(row: StoredAttemptRow): StoredAttempt {
  return {
    key: row.key,
    attempt: row.attempt,
    error: JSON.parse(row.error) as StoredError,
    final: row.final,
    durationMs: row.duration_ms,
    epoch: row.epoch,
    failedAt: row.failed_at,
  };
}

import { parseKey } from '../definition/journal-key.js';
import { RunResults } from '../definition/run-results.js';
import type {
  StoredAttempt,
  StoredJournalEntry,
  StoredRun,
  StoredRunWithInput,
} from '../storage/contract/run-admin.contract.js';
import type { JournalRecord, RunSnapshot, RunSummary } from './run-snapshot.interface.js';

export function toSummary(run: StoredRun): RunSummary {
  return {
    id: run.id,
    workflowName: run.workflow,
    version: run.version,
    planHash: run.planHash,
    status: run.status,
    queue: run.queue,
    priority: run.priority,
    idempotencyKey: run.idempotencyKey,
    tags: run.tags,
    currentStep: run.cursor,
    error: run.error,
    awaitingSignal: run.awaiting?.[0] ?? null,
    pausedAt: run.pausedAt,
    wakeAt: run.dueAt,
    parentRunId: run.parentId,
    cancelReason: run.cancel?.reason ?? null,
    workerId: run.worker,
    epoch: run.epoch,
    createdAt: run.createdAt,
    startedAt: run.startedAt,
    updatedAt: run.updatedAt,
    finishedAt: run.finishedAt,
    deadlineAt: run.deadlineAt,
  };
}

export interface SnapshotParts {
  readonly run: StoredRunWithInput;
  readonly journal: readonly StoredJournalEntry[];
  readonly attempts: readonly StoredAttempt[];
  readonly children?: readonly RunSnapshot[];
  readonly withJournal?: boolean;
}

export function toSnapshot({ run, journal, attempts, children = [], withJournal = false }: SnapshotParts): RunSnapshot {
  const results = RunResults.of(journal).view();
  return {
    ...toSummary(run),
    input: JSON.parse(run.input),
    results,
    result: run.status === 'completed' ? results : null,
    totalSteps: run.totalSteps,
    attempt: currentAttempt(run, journal, attempts),
    children,
    journal: withJournal ? toJournalRecords(journal, attempts) : [],
  };
}

function toJournalRecords(
  journal: readonly StoredJournalEntry[],
  attempts: readonly StoredAttempt[],
): readonly JournalRecord[] {
  const completed = journal.map((entry): JournalRecord => {
    return {
      key: entry.key,
      kind: entry.kind,
      status: 'completed',
      result: JSON.parse(entry.result),
      error: null,
      attempt: entry.attempt,
      epoch: entry.epoch,
      position: entry.position,
      durationMs: entry.durationMs,
      at: entry.completedAt,
    };
  });
  const failed = attempts.map((attempt): JournalRecord => {
    return {
      key: attempt.key,
      kind: 'attempt',
      status: 'failed',
      result: null,
      error: attempt.error,
      attempt: attempt.attempt,
      epoch: attempt.epoch,
      position: null,
      durationMs: attempt.durationMs,
      at: attempt.failedAt,
    };
  });
  const place = placesOf(journal);
  return [...completed, ...failed].sort((a, b) => a.at.getTime() - b.at.getTime() || place(a) - place(b));
}

/**
 * The order of what happened in one millisecond. What completed has its position. A failed attempt stands before the
 * success of its unit; one of a unit that never succeeded stands behind everything that was done, and before the first undo
 * unless it is one itself: nothing goes forward once a unit has given up.
 */
function placesOf(journal: readonly StoredJournalEntry[]): (record: JournalRecord) => number {
  const positions = new Map(journal.map(({ key, position }) => [key, position]));
  const undos = journal.filter(({ kind }) => kind === 'undo').map(({ position }) => position);
  const firstUndo = Math.min(...undos, Number.MAX_SAFE_INTEGER);
  return ({ key, position }) => {
    if (position !== null) return position;
    const succeeded = positions.get(key);
    if (succeeded !== undefined) return succeeded - 0.5;
    return parseKey(key).phase === 'undo' ? Number.MAX_SAFE_INTEGER : firstUndo - 0.5;
  };
}

/** Attempts of the unit that failed last and has not succeeded since; 1 when there is none. */
function currentAttempt(
  run: StoredRun,
  journal: readonly StoredJournalEntry[],
  attempts: readonly StoredAttempt[],
): number {
  const done = new Set(journal.map((entry) => entry.key));
  const open = attempts.filter((attempt) => !done.has(attempt.key) && attempt.epoch > run.retriedEpoch);
  const latest = open.at(-1);
  if (!latest) return 1;
  return latest.final ? latest.attempt : latest.attempt + 1;
}

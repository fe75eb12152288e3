import type { SqlStatement } from './sql-statement.js';

/**
 * Reads the journal of one run in the order of completion.
 *
 * - Parameters: the run's id. Locks: none. Index: the primary key.
 */
export function listJournal(schema: string, runId: string): SqlStatement {
  return {
    name: 'list-journal',
    text: `
select j.key, j.kind, j.position, j.attempt, j.epoch, j.duration_ms, j.completed_at, j.result
  from ${schema}.journal j where j.run_id = $1 order by j.position, j.key`,
    values: [runId],
  };
}

/**
 * Reads the failed attempts of one run, the oldest first.
 *
 * - Parameters: the run's id. Locks: none. Index: the primary key.
 */
export function listAttempts(schema: string, runId: string): SqlStatement {
  return {
    name: 'list-attempts',
    text: `
select a.key, a.epoch, a.attempt, a.final, a.duration_ms, a.failed_at, a.error
  from ${schema}.attempt a where a.run_id = $1 order by a.failed_at, a.epoch, a.key, a.attempt`,
    values: [runId],
  };
}

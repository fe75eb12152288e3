import type { SqlStatement } from './sql-statement.js';

/**
 * Reads which units of a run have finished, and which undos have failed since its last retry: what an order that goes
 * back behind them has to know. Undos that failed are not finished, but what they undo may be half gone.
 *
 * - Parameters: the run's id, its retried epoch. Result: in the order of completion: `key`, `undone`, which holds for an undo that
 *   was at least begun, and `isRow`, for what is journaled.
 * - Locks: none. Index: the primary keys.
 */
export function listUnits(schema: string, runId: string, retriedEpoch: number): SqlStatement {
  return {
    name: 'list-units',
    text: `
select j.key, j.kind = 'undo' as undone, true as "isRow", j.position
  from ${schema}.journal j where j.run_id = $1
 union all
select a.key, true, false, null
  from ${schema}.attempt a where a.run_id = $1 and a.epoch > $2 and starts_with(a.key, 'undo:')
 order by position, key`,
    values: [runId, retriedEpoch],
  };
}

/**
 * Moves journal rows of a run to the archive, under the operation that asked for it. Rows never change, so what is done
 * again needs the place of what was done before.
 *
 * - Parameters: the run's id, the operation's id, keys. Locks: the rows; the run's row is locked already.
 * - Index: the primary key.
 */
export function archiveJournal(
  schema: string,
  runId: string,
  operationId: string,
  keys: readonly string[],
): SqlStatement {
  const columns = 'run_id, key, kind, position, attempt, epoch, cursor, duration_ms, completed_at, result';
  return {
    name: 'archive-journal',
    text: `
with gone as (delete from ${schema}.journal where run_id = $1 and key = any ($3::text[]) returning *)
insert into ${schema}.journal_archive (operation_id, ${columns}) select $2, ${columns} from gone`,
    values: [runId, operationId, keys],
  };
}

/**
 * Forgets what units of a run stored by `heartbeat`: what is done again begins anew.
 *
 * - Parameters: the run's id. Locks: the rows. Index: the primary key.
 */
export function forgetProgress(schema: string, runId: string): SqlStatement {
  return { text: `delete from ${schema}.progress where run_id = $1`, values: [runId] };
}

/**
 * How often units of runs were undone and taken up again.
 *
 * - Parameters: run ids. Result: `run_id`, `key` (of the undo), `times`. Locks: none. Index: the primary key.
 */
export function loadRedone(schema: string, runIds: readonly string[]): SqlStatement {
  return {
    name: 'load-redone',
    text: `
select run_id, key, count(*)::int as times
  from ${schema}.journal_archive where run_id = any ($1::uuid[]) and kind = 'undo' group by run_id, key`,
    values: [runIds],
  };
}

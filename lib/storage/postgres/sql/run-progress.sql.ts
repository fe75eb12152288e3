import type { SqlStatement } from './sql-statement.js';

/**
 * How far a run has come.
 *
 * Its own row says so exactly while nobody holds it. A holder does not touch the row for every unit that is done: what it
 * journals says where the run goes on (`journal.cursor`, 0 in rows that do not move it), under the epoch of its claim.
 * Whoever takes a run from its holder settles what the row says, in the transaction that raises the epoch.
 *
 * No statement that locks or changes rows of `run` looks into the journal by a column of such a row, unless it holds the lock
 * already. Where another transaction has changed a row meanwhile, PostgreSQL executes such an expression anew for the changed
 * row; and PostgreSQL 18 (18.4 at least) chooses the part of the journal then by the parameters of the execution before,
 * which are another row's, or none at all, by which the server crashes. See docs/adr/0032-the-journal-in-parts.md.
 */

/**
 * Runs as `r`, each with its `progress`: the `cursor` and the time (`at`) of what its holder journaled last, or nulls.
 *
 * @param rows what gives the rows. Where there is a limit, the rows that it leaves: the planner would weigh the looks into
 *   all other journals too, and take another index.
 */
export function runsFrom(schema: string, rows = `${schema}.run`): string {
  return `${rows} r
  left join lateral (
    select max(j.cursor) as cursor, max(j.completed_at) as at from ${schema}.journal j
     where r.worker_id is not null and j.run_id = r.id and j.epoch = r.epoch) progress on true`;
}

/** The index of the node that a run `r` executes next. Not for a statement that locks `r`. */
export function cursorSql(schema: string): string {
  return `case when r.worker_id is null then r.cursor else ${furthest(schema, 'r.epoch')} end`;
}

function furthest(schema: string, epoch: string): string {
  return `greatest(r.cursor, (select max(j.cursor) from ${schema}.journal j where j.run_id = r.id and j.epoch = ${epoch}))`;
}

/**
 * The index of the node that a run executes next. To be read after its row was locked, in a statement of its own: the snapshot
 * of one that waited for the lock may be older than the last journal row.
 *
 * - Parameters: the run's id. Result: `cursor`. Locks: none. Index: the primary keys.
 */
export function readCursor(schema: string, runId: string): SqlStatement {
  return { text: `select ${cursorSql(schema)} as cursor from ${schema}.run r where r.id = $1`, values: [runId] };
}

/**
 * Brings the rows of runs up to what their last holder journaled. To be run in the transaction that took them from it, after
 * the statement that did: the snapshot of that one may be older than the last journal row, and nothing can be journaled
 * under the former epoch any more.
 *
 * - Parameters: run ids, of epochs that were raised by one. Locks: the rows, held already.
 * - Index: the primary keys.
 */
export function settleCursors(schema: string, runIds: readonly string[]): SqlStatement {
  return {
    name: 'settle-cursors',
    text: `
update ${schema}.run r set cursor = ${furthest(schema, 'r.epoch - 1')}
 where r.id = any ($1::uuid[])`,
    values: [runIds],
  };
}

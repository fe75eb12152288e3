import type { SqlStatement } from './sql-statement.js';

/**
 * How far a run has come.
 *
 * Its own row says so exactly while nobody holds it. A holder does not touch the row for every unit that is done: what it
 * journals says where the run goes on (`journal.cursor`, 0 in rows that do not move it), under the epoch of its claim.
 * Whoever takes a run from its holder settles what the row says, in the transaction that raises the epoch.
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

/** The index of the node that a run `r` executes next. */
export function cursorSql(schema: string): string {
  return `case when r.worker_id is null then r.cursor else ${furthest(schema, 'r.epoch')} end`;
}

function furthest(schema: string, epoch: string): string {
  return `greatest(r.cursor, (select max(j.cursor) from ${schema}.journal j where j.run_id = r.id and j.epoch = ${epoch}))`;
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

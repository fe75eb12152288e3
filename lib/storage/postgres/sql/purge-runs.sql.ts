import type { RunStatus } from '../../../definition/run-state.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

export interface PurgeBatch {
  readonly finishedBefore: { readonly ageMs: number } | { readonly at: Date };
  readonly status: readonly RunStatus[];
  readonly limit: number;
  /** Where the batch before ended; null for the first one. */
  readonly after: string | null;
}

/**
 * Deletes finished runs with everything that belongs to them, in the order of their ids, which is that of their creation.
 *
 * A run stays while its parent has not ended: the parent reads its outcome. A row that somebody has locked is left to the
 * next purge. Each batch goes on behind the last id of the one before, so a purge walks the table once.
 *
 * Ids are read from an array, which is planned as that many lookups: joined with them, the plan for all parameters, where
 * the limit is not known, reads the tables from end to end.
 *
 * - Parameters: the clock, statuses, age in milliseconds, time, id to go on behind, limit. Result: `id` of each deleted.
 * - Locks: the deleted rows, `FOR UPDATE SKIP LOCKED`. Index: the primary keys; those of the details by run,
 *   of which signals have one for each half of them.
 */
export function purgeRuns(schema: string, batch: PurgeBatch, now: Date | null): SqlStatement {
  const { finishedBefore } = batch;
  const doomed = (table: string, and = ''): string =>
    `delete from ${schema}.${table} x where x.run_id = any (array(select d.id from doomed d))${and}`;
  return {
    name: 'purge-runs',
    text: `
with doomed as materialized (
  select r.id from ${schema}.run r
   where r.id > coalesce($5::uuid, '00000000-0000-0000-0000-000000000000')
     and r.status = any ($2::text[])
     and r.finished_at < coalesce($4::timestamptz, ${nowSql(1)} - $3::float8 * interval '1 millisecond')
     and not exists (select from ${schema}.run p where p.id = r.parent_id and p.finished_at is null)
   order by r.id
   limit $6
     for update skip locked
),
journal as (${doomed('journal')}),
archived as (${doomed('journal_archive')}),
operations as (${doomed('operation')}),
attempts as (${doomed('attempt')}),
progress as (${doomed('progress')}),
waiting as (${doomed('signal', ' and x.consumed_by is null')}),
taken as (${doomed('signal', ' and x.consumed_by is not null')})
delete from ${schema}.run r
 where r.id = any (array(select d.id from doomed d)) and r.status = any ($2::text[]) and r.finished_at is not null
returning r.id`,
    values: [
      now,
      batch.status,
      'ageMs' in finishedBefore ? finishedBefore.ageMs : null,
      'at' in finishedBefore ? finishedBefore.at.toISOString() : null,
      batch.after,
      batch.limit,
    ],
  };
}

import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * The journals of claimed runs, in the order of completion. Runs after the claim has committed: the snapshot of the
 * claiming statement may be older than the row versions that it locked. Run by run, so that each is looked for in its part of
 * the journal only.
 *
 * - Parameters: run ids. Result: one row an entry. Locks: none. Index: the journal's primary key.
 */
export function loadJournal(schema: string, runIds: readonly string[]): SqlStatement {
  return {
    name: 'load-journal',
    text: `
select j.run_id, j.key, j.kind, j.position, j.attempt, j.duration_ms, j.result
  from unnest($1::uuid[]) as i (id)
 cross join lateral (select * from ${schema}.journal j where j.run_id = i.id offset 0) j
 order by j.run_id, j.position`,
    values: [runIds],
  };
}

/**
 * Failed attempts since the last operator's retry, summed by unit, with the latest error. The ids are compared with both
 * tables: a plan made while they are small would join one of them from end to end.
 *
 * - Parameters: run ids, the clock. Result: `run_id`, `key`, `attempts`, `final`, `error`, `ago_ms`. Locks: none.
 * - Index: primary keys.
 */
export function loadFailures(schema: string, runIds: readonly string[], now: Date | null): SqlStatement {
  return {
    name: 'load-failures',
    text: `
select a.run_id, a.key, count(*)::int as attempts, bool_or(a.final) as final,
       (array_agg(a.error order by a.epoch desc, a.attempt desc))[1] as error,
       extract(epoch from ${nowSql(2)} - max(a.failed_at))::float8 * 1000 as ago_ms
  from ${schema}.attempt a
  join ${schema}.run r on r.id = a.run_id
 where a.run_id = any ($1::uuid[]) and r.id = any ($1::uuid[]) and a.epoch > r.retried_epoch
 group by a.run_id, a.key`,
    values: [runIds, now],
  };
}

/**
 * What steps stored by `heartbeat`.
 *
 * - Parameters: run ids. Result: `run_id`, `key`, `value`. Locks: none. Index: the primary key.
 */
export function loadProgress(schema: string, runIds: readonly string[]): SqlStatement {
  return {
    name: 'load-progress',
    text: `select run_id, key, value from ${schema}.progress where run_id = any ($1::uuid[])`,
    values: [runIds],
  };
}

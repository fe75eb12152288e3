import type { SqlStatement } from './sql-statement.js';

/**
 * Counts runs by status, the completed ones by what the planner believes.
 *
 * - Parameters: none. Result: one row a status: `status`, `runs`. Locks: none.
 * - Index: `run_unfinished`, read alone; of the table itself only what vacuum has not seen yet.
 */
export function countRuns(schema: string): SqlStatement {
  return {
    name: 'count-runs',
    text: `
with exact as materialized (
  select r.status, count(*)::int as runs from ${schema}.run r where r.status <> 'completed' group by r.status
)
select status, runs from exact
 union all
select 'completed', greatest(0, c.reltuples::bigint - (select coalesce(sum(runs), 0) from exact))::int
  from pg_catalog.pg_class c where c.oid = '${`${schema}.run`.replaceAll("'", "''")}'::regclass`,
    values: [],
  };
}

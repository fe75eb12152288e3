import type { OrderedBy } from '../../contract/run-repair.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Reads every paused workflow. The table holds a handful of rows at most.
 *
 * - Parameters: none. Result: `workflow`, `version` (null for all), `pausedAt`, `by`, `reason`. Locks: none.
 */
export function listPauses(schema: string): SqlStatement {
  return {
    name: 'list-pauses',
    text: `
select p.workflow, nullif(p.version, 0) as version, p.paused_at as "pausedAt", p.by, p.reason
  from ${schema}.pause p order by p.workflow, p.version`,
    values: [],
  };
}

/**
 * Pauses a workflow, unless it is paused.
 *
 * - Parameters: the clock, name, version (null for all), who, why. Result: one row when it was not paused before.
 * - Locks: the row. Index: the primary key.
 */
export function pauseWorkflow(
  schema: string,
  workflow: string,
  version: number | null,
  { by, reason }: OrderedBy,
  now: Date | null,
): SqlStatement {
  return {
    text: `
insert into ${schema}.pause (workflow, version, paused_at, by, reason)
values ($2, coalesce($3::int, 0), ${nowSql(1)}, $4, $5)
    on conflict do nothing
returning workflow`,
    values: [now, workflow, version, by, reason],
  };
}

/**
 * Lifts the pause of one version, or every pause of a workflow.
 *
 * - Parameters: name, version (null for all). Result: a row for each pause that was lifted. Locks: the rows. Index: the
 *   primary key.
 */
export function unpauseWorkflow(schema: string, workflow: string, version: number | null): SqlStatement {
  return {
    text: `
delete from ${schema}.pause where workflow = $1 and ($2::int is null or version = $2::int)
returning workflow`,
    values: [workflow, version],
  };
}

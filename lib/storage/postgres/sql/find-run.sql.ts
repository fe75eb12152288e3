import { RUN_COLUMNS } from './run-columns.sql.js';
import { runsFrom } from './run-progress.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Reads one run with its input, its trace and the size of its plan, which is the cursor where the plan was never stored.
 *
 * - Parameters: the run's id. Result: {@link RUN_COLUMNS}, `input`, `trace`, `nodes`; no row when there is no such run.
 * - Locks: none. Index: the primary keys.
 */
export function findRun(schema: string, runId: string): SqlStatement {
  return {
    name: 'find-run',
    text: `
select ${RUN_COLUMNS}, r.input, r.trace, coalesce(d.nodes, r.cursor) as nodes
  from ${runsFrom(schema)}
  left join ${schema}.definition d on d.name = r.workflow and d.version = r.version and d.hash = r.plan_hash
 where r.id = $1`,
    values: [runId],
  };
}

import type { RunAddress } from '../../contract/run-admin.contract.js';
import { cursorSql } from './run-progress.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * What a run is a run of, and where it stands.
 *
 * - Parameters: run id, or workflow and key. Result: `workflow`, `version`, `cursor`, `awaiting`; no row when there is no
 *   such run. Locks: none. Index: the primary key or `run_idempotency`.
 */
export function locateRun(schema: string, target: RunAddress): SqlStatement {
  const byId = 'runId' in target;
  return {
    name: byId ? 'locate-run' : 'locate-run-by-key',
    text: `
select r.workflow, r.version, ${cursorSql(schema)} as cursor, r.awaiting
  from ${schema}.run r where ${byId ? 'r.id = $1' : 'r.workflow = $1 and r.idempotency_key = $2'}`,
    values: byId ? [target.runId] : [target.workflow, target.idempotencyKey],
  };
}

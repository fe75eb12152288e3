import type { Adoption } from '../../contract/plan-store.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Writes down by which plan a held run goes on.
 *
 * - Parameters: the clock, run id, epoch, plan hash, error. Result: `id`, or no row when another claim holds the run.
 * - Locks: the row. Index: the primary key; heap-only unless an error is taken off.
 */
export function adoptPlan(schema: string, { runId, epoch, planHash, error }: Adoption, now: Date | null): SqlStatement {
  return {
    name: 'adopt-plan',
    text: `
update ${schema}.run r set plan_hash = $4, error = $5::json, updated_at = ${nowSql(1)}
 where r.id = $2 and r.epoch = $3 and r.worker_id is not null
returning r.id`,
    values: [now, runId, epoch, planHash, error && JSON.stringify(error)],
  };
}

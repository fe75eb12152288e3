import type { NewRun } from '../../contract/records.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Finds the runs that made `insert-runs` pass some over: by id (an earlier try of ours did commit) or by key.
 *
 * - Parameters: ids, workflows, keys, one array each.
 * - Result: `wanted` (the id that was passed over), and `id`, `status`, `worker`, `input` of the run that stands; the input as
 *   text, whatever parsers the connection has.
 * - Locks: none. Index: the primary key and `run_idempotency`.
 */
export function findExistingRuns(schema: string, runs: readonly NewRun[]): SqlStatement {
  return {
    name: 'find-existing-runs',
    text: `
select w.id as wanted, r.id, r.status, r.worker_id as worker, r.input::text as input
  from unnest($1::uuid[], $2::text[], $3::text[]) as w (id, workflow, idempotency_key)
 cross join lateral (
   select r.id, r.status, r.worker_id, r.input from ${schema}.run r where r.id = w.id
    union all
   select r.id, r.status, r.worker_id, r.input from ${schema}.run r
    where r.workflow = w.workflow and r.idempotency_key = w.idempotency_key and r.id <> w.id
 ) r`,
    values: [runs.map((run) => run.id), runs.map((run) => run.workflow), runs.map((run) => run.idempotencyKey)],
  };
}

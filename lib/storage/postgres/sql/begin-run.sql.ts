import type { NewRun } from '../../contract/records.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/**
 * Creates one run that its starter begins at once, of the plainest kind: on an idle system nearly every start.
 *
 * - Parameters: the clock, then what a new run is made of where nothing was asked for beside its input.
 * - Result: no rows. One run is inserted, or none while its workflow is paused, and `insert-runs.sql.ts` creates it then. It is
 *   taken for new: one that exists violates the primary key.
 * - Locks: none but on the new row. Index: primary key of `pause`.
 *
 * @returns `null` for anything else: several runs, one that waits or has a key, a parent, a time, tags or a trace.
 */
export function beginRun(schema: string, runs: readonly NewRun[], now: Date | null): SqlStatement | null {
  const [run] = runs;
  if (runs.length !== 1 || !isPlain(run)) return null;
  const { id, workflow, version, planHash, queue, priority, input, worker } = run;
  const name = 'insert-run-begun';
  return {
    name,
    text: textOnce(schema, name, () => buildText(schema)),
    values: [now, id, workflow, version, planHash, queue, priority, input, worker],
  };
}

function isPlain({ worker, idempotencyKey, due, timeoutMs, parentId, tags, trace }: NewRun): boolean {
  if (worker === null || idempotencyKey !== null || parentId !== null) return false;
  return due === null && timeoutMs === null && tags === null && trace === null;
}

function buildText(schema: string): string {
  return `
insert into ${schema}.run
  (id, workflow, version, plan_hash, status, queue, priority, input, epoch, deliveries, worker_id, created_at, started_at, updated_at)
select $2::uuid, $3::text, $4::int, $5::text, 'running', $6::text, $7::smallint, $8::text::json, 1, 1, $9::uuid, c.now, c.now, c.now
  from (select ${nowSql(1)} as now) as c
 where not exists (select from ${schema}.pause p where p.workflow = $3::text and p.version in (0, $4::int))`;
}

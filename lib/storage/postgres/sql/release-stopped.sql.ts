import { PlanChangedError } from '../../../errors/index.js';
import type { PlanRef } from '../../contract/records.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/** As the partial index `run_stopped` says it. */
const PARKED = `r.error is not null and r.worker_id is null and r.status in ('suspended', 'compensating')`;
/** The plan that stopped a run, as the index has it. */
const STOPPED_BY = `(r.error #>> '{data,registered}')`;

/**
 * Makes runs due that a changed plan has stopped, where this process registers another plan than the one that stopped
 * them: it may carry them.
 *
 * - Parameters: the clock, queue, error code, names, versions and hashes of plans, limit. Result: `id` of each.
 * - Locks: those rows, `SKIP LOCKED`. Index: `run_stopped`, on both sides of each plan's own hash, so that what these very
 *   plans have stopped is not read, however much of it there is.
 */
export function releaseStopped(
  schema: string,
  queue: string,
  plans: readonly PlanRef[],
  limit: number,
  now: Date | null,
): SqlStatement {
  const side = (operator: '<' | '>'): string => `
  select r.id
    from unnest($4::text[], $5::int[], $6::text[]) as p (name, version, hash)
   cross join lateral (
     select r.id from ${schema}.run r
      where ${PARKED} and r.queue = $2 and r.workflow = p.name and r.version = p.version
        and ${STOPPED_BY} ${operator} p.hash and r.error ->> 'code' = $3 and r.due_at is null
      limit $7
        for no key update skip locked
   ) r
   limit $7`;
  return {
    name: 'release-stopped',
    text: `
with below as materialized (${side('<')}
),
above as materialized (${side('>')}
),
stopped as materialized (
  select id from below union all select id from above limit $7
)
update ${schema}.run r set due_at = ${nowSql(1)}, updated_at = ${nowSql(1)}
 where r.id = any (array(select s.id from stopped s)) and ${PARKED}
returning r.id`,
    values: [now, queue, PlanChangedError.code, ...columns(plans), limit],
  };
}

/**
 * Takes the due time off runs that these very plans have stopped, and that have been due for a while: whoever released
 * them has ended since. Without it, every claim would pass over them. What is to be canceled is left alone.
 *
 * - Parameters: the clock, queue, error code, names, versions and hashes of plans, milliseconds. Result: `id` of each.
 * - Locks: those rows, `SKIP LOCKED`. Index: `run_stopped`.
 */
export function withdrawReleased(
  schema: string,
  queue: string,
  plans: readonly PlanRef[],
  afterMs: number,
  now: Date | null,
): SqlStatement {
  return {
    name: 'withdraw-released',
    text: `
with left_over as materialized (
  select r.id
    from unnest($4::text[], $5::int[], $6::text[]) as p (name, version, hash)
    join ${schema}.run r on r.workflow = p.name and r.version = p.version and ${STOPPED_BY} = p.hash
   where ${PARKED} and r.queue = $2 and r.error ->> 'code' = $3 and r.cancel is null
     and r.due_at < ${nowSql(1)} - $7::float8 * interval '1 millisecond'
     for no key update of r skip locked
)
update ${schema}.run r set due_at = null, updated_at = ${nowSql(1)}
 where r.id = any (array(select l.id from left_over l)) and ${PARKED} and r.cancel is null
returning r.id`,
    values: [now, queue, PlanChangedError.code, ...columns(plans), afterMs],
  };
}

function columns(plans: readonly PlanRef[]): [string[], number[], string[]] {
  return [plans.map(({ name }) => name), plans.map(({ version }) => version), plans.map(({ hash }) => hash)];
}

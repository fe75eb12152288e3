import { RUN_COLUMNS } from './run-columns.sql.js';
import { runsFrom } from './run-progress.sql.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/** A worker as `w`, with what it holds. */
const workerColumns = (schema: string): string => `w.id, w.name, w.host, w.pid, w.queue, w.workflows, w.slots,
       w.heartbeat_at as "heartbeatAt", w.expires_at as "expiresAt",
       (select count(*)::int from ${schema}.run h where h.worker_id = w.id) as held`;

/**
 * Reads a run with its plan, and with who paused it.
 *
 * - Parameters: the clock, the run's id. Result: at most one row: {@link RUN_COLUMNS}, `now`, `plan`, the pause of its
 *   workflow as `pause_…`, the order that paused the run as `order_…`.
 * - Locks: none. Index: primary keys, `operation_run`.
 */
export function findFacts(schema: string, runId: string, now: Date | null): SqlStatement {
  return {
    name: 'find-facts',
    text: `
select ${RUN_COLUMNS}, ${nowSql(1)} as now, d.plan, p.workflow as pause_workflow, nullif(p.version, 0) as pause_version,
       p.paused_at as pause_at, p.by as pause_by, p.reason as pause_reason, o.by as order_by, o.reason as order_reason
  from ${runsFrom(schema)}
  left join ${schema}.definition d on d.name = r.workflow and d.version = r.version and d.hash = r.plan_hash
  left join lateral (select * from ${schema}.pause p where p.workflow = r.workflow and p.version in (0, r.version)
                      order by p.version desc limit 1) p on true
  left join lateral (select o.by, o.reason from ${schema}.operation o
                      where o.run_id = r.id and o.action = 'pause' order by o.id desc limit 1) o on r.paused_at is not null
 where r.id = $2`,
    values: [now, runId],
  };
}

/**
 * Reads what the journal says of where a run stands, and which of its units are failing.
 *
 * - Parameters: the run's id, retried epoch, the name of its current node, whether every row is wanted.
 * - Result: rows of the journal (`failures` is null) and failing units (`position` is null), the latest failure first.
 * - Locks: none. Index: primary keys of `journal` and `attempt`.
 */
export function listMarks(
  schema: string,
  run: { readonly id: string; readonly retriedEpoch: number },
  node: string | null,
  everything: boolean,
): SqlStatement {
  return {
    name: 'list-marks',
    text: `
select j.key, j.kind, j.position, case when j.kind = 'suspension' then j.result end as wait,
       null::int as failures, null::bool as final, null::json as error, null::timestamptz as failed_at
  from ${schema}.journal j
 where j.run_id = $1 and ($4::bool or j.key = 'wait:' || $3 or starts_with(j.key, 'wait:' || $3 || '#'))
 union all
(select a.key, null, null, null, count(*)::int, bool_or(a.final),
        (array_agg(a.error order by a.epoch desc, a.attempt desc))[1], max(a.failed_at)
   from ${schema}.attempt a
  where a.run_id = $1 and a.epoch > $2
    and not exists (select from ${schema}.journal j where j.run_id = a.run_id and j.key = a.key)
  group by a.key)
 order by failed_at desc, position`,
    values: [run.id, run.retriedEpoch, node, everything],
  };
}

/**
 * Reads the workers that a run may be executed by, the one that holds it, and the child that it waits for.
 *
 * - Parameters: the clock, queue, `workflow@version`, the holder's id, the run's id, the name of its current node.
 * - Result: workers, and the child where `status` is set.
 * - Locks: none. Index: `run_held`, `run_parent`.
 */
export function listHelpers(
  schema: string,
  run: { readonly id: string; readonly queue: string; readonly worker: string | null; readonly workflow: string },
  node: string | null,
  now: Date | null,
): SqlStatement {
  return {
    name: 'list-helpers',
    text: `
select ${workerColumns(schema)}, null as status, null as workflow, null::int as version
  from ${schema}.worker w
 where w.id = $4 or (w.expires_at > ${nowSql(1)} and (w.queue = $2 or $3 = any (w.workflows)))
 union all
(select c.id, null, null, null, null, null, null, null, null, null, c.status, c.workflow, c.version
   from ${schema}.run c where c.parent_id = $5 and c.parent_key = $6
  order by c.id desc limit 1)`,
    values: [now, run.queue, run.workflow, run.worker, run.id, node],
  };
}

import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * How a child stands.
 *
 * - Parameters: run id. Result: `id`, `status`, `error`. Locks: none. Index: the primary key.
 */
export function childState(schema: string, childId: string): SqlStatement {
  return {
    name: 'child-state',
    text: `select id, status, error from ${schema}.run where id = $1`,
    values: [childId],
  };
}

/**
 * Asks the children of an ending run to cancel, where their `parent_close` says so.
 *
 * - Parameters: the clock, parent id, the request. Result: `id`, `queue`, `worker_id`. Locks: the children's rows, in the
 *   order of their ids. Index: `run_parent`.
 */
export function cancelChildren(schema: string, parentId: string, request: string, now: Date | null): SqlStatement {
  return {
    name: 'cancel-children',
    text: `
with child as materialized (
  select id from ${schema}.run
   where parent_id = $2 and parent_close = 'cancel' and cancel is null and status in ('pending', 'running', 'suspended')
   order by id for no key update
)
update ${schema}.run r
   set cancel = $3::json, wakeups = r.wakeups + 1, paused_at = null, updated_at = ${nowSql(1)},
       due_at = case when r.worker_id is null then least(r.due_at, ${nowSql(1)}) end
  from child
 where r.id = child.id and r.cancel is null and r.status in ('pending', 'running', 'suspended')
returning r.id, r.queue, r.worker_id`,
    values: [now, parentId, request],
  };
}

/**
 * Ends the children of an ending run, and their children, without undoing anything, where `parent_close` says so. The
 * epoch rises, so that a holder writes nothing more; how far one had come is for `settleCursors` to say.
 *
 * - Parameters: the clock, parent id, the request. Result: `id`, `queue`, `worker_id`, `workflow`, `version`. Locks: the
 *   rows. Index: `run_parent`.
 */
export function terminateChildren(schema: string, parentId: string, request: string, now: Date | null): SqlStatement {
  return {
    name: 'terminate-children',
    text: `
with recursive family (id, worker_id) as (
  select c.id, c.worker_id from ${schema}.run c where c.parent_id = $2 and c.parent_close = 'terminate'
  union all
  select c.id, c.worker_id from ${schema}.run c join family f on c.parent_id = f.id where c.parent_close <> 'abandon'
),
child as materialized (
  select r.id, r.worker_id from ${schema}.run r
   where r.id in (select id from family) and r.status in ('pending', 'running', 'suspended', 'compensating')
   order by r.id for no key update
)
update ${schema}.run r
   set status = 'canceled', cancel = $3::json, epoch = r.epoch + 1, wakeups = r.wakeups + 1, worker_id = null,
       due_at = null, paused_at = null, awaiting = null, updated_at = ${nowSql(1)}, finished_at = ${nowSql(1)}
  from child
 where r.id = child.id and r.status in ('pending', 'running', 'suspended', 'compensating')
returning r.id, r.queue, child.worker_id, r.workflow, r.version`,
    values: [now, parentId, request],
  };
}

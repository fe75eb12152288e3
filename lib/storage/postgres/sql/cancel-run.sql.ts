import type { CancelRequest } from '../../contract/records.js';
import type { LockedRun } from './order-run.sql.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Ends a run that nothing was done for: pending, not held, without a parent to tell, and nothing journaled. It runs after
 * the lock was taken, in a statement of its own: one that had waited for the lock would look for journal rows in a
 * snapshot from before it. The epoch rises, so that nobody who held the run earlier can still write.
 *
 * - Parameters: the clock, the run's id, epoch, the request. Result: `id` when it was canceled.
 * - Locks: the row, held already. Index: primary keys of `run` and `journal`.
 */
export function cancelPending(schema: string, run: LockedRun, request: CancelRequest, now: Date | null): SqlStatement {
  return {
    name: 'cancel-pending',
    text: `
update ${schema}.run r
   set status = 'canceled', cancel = $4::json, epoch = r.epoch + 1, wakeups = r.wakeups + 1, due_at = null,
       paused_at = null, awaiting = null, updated_at = ${nowSql(1)}, finished_at = ${nowSql(1)}
 where r.id = $2 and r.epoch = $3 and r.status = 'pending' and r.worker_id is null and r.parent_id is null
   and not exists (select from ${schema}.journal j where j.run_id = $2)
returning r.id`,
    values: [now, run.id, run.epoch, JSON.stringify(request)],
  };
}

/**
 * Stores the request, raises the wake-up counter, which refuses a park or an ending that has not seen it, and makes a
 * parked run due. A pause is lifted: it would keep the run from ending.
 *
 * - Parameters: the clock, the run's id, epoch, status, the request. Result: `id`.
 * - Locks: the row, held already. Index: the primary key.
 */
export function requestCancel(schema: string, run: LockedRun, request: CancelRequest, now: Date | null): SqlStatement {
  return {
    name: 'request-cancel',
    text: `
update ${schema}.run r
   set cancel = $5::json, wakeups = r.wakeups + 1, paused_at = null, updated_at = ${nowSql(1)},
       due_at = case when r.worker_id is null then least(r.due_at, ${nowSql(1)}) end
 where r.id = $2 and r.epoch = $3 and r.status = $4 and r.cancel is null
returning r.id`,
    values: [now, run.id, run.epoch, run.status, JSON.stringify(request)],
  };
}

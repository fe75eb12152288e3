import type { LockedRun } from './order-run.sql.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Makes a failed run due again, paused or not.
 *
 * Its attempts come back because those up to the epoch in `retried_epoch` are not counted any more, and the epoch rises
 * above it, which also keeps a last checkpoint that is still on its way from failing the run once more. A deadline that
 * has passed is lifted: the run would fail at once. A compensation keeps the error: it is why the run fails in the end.
 *
 * - Parameters: the clock, the run's id, epoch, status, and the index of the node to go forward from: null to go on with
 *   what gave up, be it a node or an undo. Result: `status`, `queue`.
 * - Locks: the row, held already. Index: the primary key.
 */
export function retryRun(schema: string, run: LockedRun, cursor: number | null, now: Date | null): SqlStatement {
  return {
    name: 'retry-run',
    text: `
update ${schema}.run r
   set status = case when r.status = 'failed' or $5::int is not null then 'pending' else 'compensating' end,
       error = case when r.status = 'failed' or $5::int is not null then null else r.error end,
       cursor = coalesce($5::int, r.cursor),
       retried_epoch = r.epoch, epoch = r.epoch + 1, wakeups = r.wakeups + 1, deliveries = 0, due_at = ${nowSql(1)},
       deadline_at = case when r.deadline_at > ${nowSql(1)} then r.deadline_at end,
       paused_at = null, updated_at = ${nowSql(1)}, finished_at = null
 where r.id = $2 and r.epoch = $3 and r.status = $4 and r.status in ('failed', 'compensation_failed')
returning r.status, r.queue`,
    values: [now, run.id, run.epoch, run.status, cursor],
  };
}

import type { LockedRun } from './order-run.sql.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Journals a result that an operator gives for a node.
 *
 * - Parameters: the clock, the run's id, epoch, the node, the result. Locks: the new row; the run's is locked already.
 * - Index: the journal's primary key.
 */
export function journalByHand(
  schema: string,
  run: LockedRun,
  node: string,
  result: string,
  now: Date | null,
): SqlStatement {
  return {
    text: `
insert into ${schema}.journal (run_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
select $2, $4, 'skipped', coalesce(max(j.position) + 1, 0), 1, $3, 0, ${nowSql(1)}, $5::json
  from ${schema}.journal j where j.run_id = $2`,
    values: [now, run.id, run.epoch, node, result],
  };
}

/**
 * Makes a failed or parked run due behind the node that was skipped. The epoch rises, which also keeps a last checkpoint
 * that is still on its way from moving the run.
 *
 * - Parameters: the clock, the run's id, epoch, status, cursor. Result: `status`, `queue`.
 * - Locks: the row, held already. Index: the primary key.
 */
export function goOnBehind(schema: string, run: LockedRun, now: Date | null): SqlStatement {
  return {
    text: `
update ${schema}.run r
   set status = case r.status when 'failed' then 'pending' else r.status end, cursor = r.cursor + 1, error = null,
       retried_epoch = r.epoch, epoch = r.epoch + 1, wakeups = r.wakeups + 1, deliveries = 0, due_at = ${nowSql(1)},
       paused_at = case when r.status <> 'failed' then r.paused_at end, awaiting = null,
       deadline_at = case when r.deadline_at > ${nowSql(1)} then r.deadline_at end,
       updated_at = ${nowSql(1)}, finished_at = null
 where r.id = $2 and r.epoch = $3 and r.status = $4 and r.cursor = $5 and r.worker_id is null and r.cancel is null
returning r.status, r.queue`,
    values: [now, run.id, run.epoch, run.status, run.cursor],
  };
}

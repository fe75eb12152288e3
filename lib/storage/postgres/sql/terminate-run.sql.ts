import type { CancelRequest } from '../../contract/records.js';
import type { LockedRun } from './order-run.sql.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Ends a run where it stands. The epoch rises, so that whoever holds it writes nothing more.
 *
 * - Parameters: the clock, the run's id, epoch, status, the request, where the run is. Result: `id` when it was ended.
 * - Locks: the row, held already. Index: the primary key.
 */
export function terminateRun(schema: string, run: LockedRun, request: CancelRequest, now: Date | null): SqlStatement {
  return {
    text: `
update ${schema}.run r
   set status = 'canceled', cancel = $5::json, cursor = $6, epoch = r.epoch + 1, wakeups = r.wakeups + 1, worker_id = null,
       due_at = null, paused_at = null, awaiting = null, updated_at = ${nowSql(1)}, finished_at = ${nowSql(1)}
 where r.id = $2 and r.epoch = $3 and r.status = $4
   and r.status in ('pending', 'running', 'suspended', 'compensating')
returning r.id`,
    values: [now, run.id, run.epoch, run.status, JSON.stringify(request), run.cursor],
  };
}

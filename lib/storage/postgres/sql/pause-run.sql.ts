import type { LockedRun } from './order-run.sql.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Takes a run out of what may be claimed, or puts it back; everything else stays, its due time as well. The next
 * checkpoint tells whoever holds it.
 *
 * - Parameters: the clock, the run's id, epoch, whether to pause. Locks: the row, held already. Index: the primary key.
 */
export function pauseRun(schema: string, run: LockedRun, paused: boolean, now: Date | null): SqlStatement {
  return {
    text: `
update ${schema}.run r
   set paused_at = case when $4::bool then ${nowSql(1)} end, updated_at = ${nowSql(1)}
 where r.id = $2 and r.epoch = $3 and (r.paused_at is null) = $4::bool`,
    values: [now, run.id, run.epoch, paused],
  };
}

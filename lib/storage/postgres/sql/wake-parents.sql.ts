import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Tells parents that a child has ended: raises their wake-up counter, which refuses a park that has not seen it, and makes
 * a parked parent due. Sent in the transaction of the child's last checkpoint, before it: this statement waits for locks, in
 * one order, and the checkpoint then waits for none, so that families which end crosswise never wait in a circle. A parent
 * whose child did not end after all looks, and parks again.
 *
 * - Parameters: the clock, parent ids. Result: `queue` of every parent that became due. Locks: the parents' rows, in the
 *   order of their ids. Index: the primary key.
 */
export function wakeParents(schema: string, parentIds: readonly string[], now: Date | null): SqlStatement {
  return {
    name: 'wake-parents',
    text: `
with parent as materialized (
  select id from ${schema}.run where id = any ($2::uuid[]) order by id for no key update
)
update ${schema}.run r
   set wakeups = r.wakeups + 1,
       due_at = case when r.status = 'suspended' and r.worker_id is null
                     then least(r.due_at, ${nowSql(1)}) else r.due_at end
  from parent
 where r.id = parent.id
returning case when r.status = 'suspended' and r.worker_id is null then r.queue end as queue`,
    values: [now, parentIds],
  };
}

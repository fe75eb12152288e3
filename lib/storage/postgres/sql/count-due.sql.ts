import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Counts the due runs of a queue by workflow version, those of paused workflows left out.
 *
 * - Parameters: the clock, queue, most to count of each priority. Result: one row a workflow version: `workflow`,
 *   `version`, `runs`, `oldestMs`. Locks: none.
 * - Index: `run_due`, jumping from one priority and workflow version to the next as a claim does, so that what is due later
 *   costs one jump however much of it there is.
 */
export function countDue(schema: string, queue: string, most: number, now: Date | null): SqlStatement {
  const waiting = 'r.queue = $2 and r.due_at is not null and r.paused_at is null';
  const lane = (behind: string): string => `
      select r.workflow, r.version, r.due_at from ${schema}.run r
       where ${waiting} and r.priority = level.priority${behind}
       order by r.workflow, r.version, r.due_at limit 1`;
  return {
    name: 'count-due',
    text: `
with recursive level (priority) as (
  (select r.priority from ${schema}.run r where ${waiting} order by r.priority desc limit 1)
  union all
  select (select r.priority from ${schema}.run r
           where ${waiting} and r.priority < level.priority order by r.priority desc limit 1)
    from level where level.priority is not null
)
select l.workflow, l.version, sum(d.runs)::int as runs,
       (extract(epoch from ${nowSql(1)} - min(l.due_at)) * 1000)::float8 as "oldestMs"
  from level
 cross join lateral (
   with recursive lane as (
     (${lane('')})
     union all
     select next.* from lane cross join lateral (${lane(' and (r.workflow, r.version) > (lane.workflow, lane.version)')}) next
   )
   select * from lane where lane.due_at <= ${nowSql(1)}
 ) l
 cross join lateral (
   select count(*)::int as runs from (
     select from ${schema}.run r
      where ${waiting} and r.priority = level.priority and r.workflow = l.workflow and r.version = l.version
        and r.due_at <= ${nowSql(1)}
      limit $3) r
 ) d
 where level.priority is not null
   and not exists (select from ${schema}.pause p where p.workflow = l.workflow and p.version in (0, l.version))
 group by l.workflow, l.version
 order by l.workflow, l.version`,
    values: [now, queue, most],
  };
}

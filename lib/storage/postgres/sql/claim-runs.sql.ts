import type { ClaimRequest } from '../../contract/run-store.contract.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/** Every scan of `run_due` says this: a partial index serves only those who repeat its condition. */
const WAITING = 'r.queue = $3 and r.due_at is not null and r.paused_at is null';

/** Held by nobody, and not stopped by a plan of this worker. */
const CLAIMABLE = `r.worker_id is null
           and (r.error is null or r.cancel is not null or coalesce(r.error #>> '{data,registered}', '') <> all ($7::text[]))`;

/** More deliveries than the column can hold. */
const NEVER_SUSPECTED = 32_767;
const NEVER_ALONE = -1;

/**
 * Takes due runs: highest priority first, then of the workflow whose oldest one has waited longest, the oldest first.
 * Neither paused runs nor those of paused workflows, nor those that one of these very plans has stopped, unless they are
 * to be canceled. A worker that has been declared dead takes nothing.
 *
 * - Parameters: the clock, worker, queue, names and versions of workflows, limit, hashes of their plans, deliveries that
 *   make a suspect, limit of suspects, deliveries of a suspect beside which nothing is taken.
 * - Result: one row a claimed run (`id` null when there is none), and on each `now` and `next_due_ms`: null when the limit
 *   was reached, because more may be due now.
 * - Locks: the claimed rows, `FOR NO KEY UPDATE SKIP LOCKED`: a run whose checkpoint is being committed is passed over.
 * - Index: `run_due`. Its priorities, and the workflow versions of each, are found by jumping from one to the next (a
 *   "loose index scan"), so that what waits for later, or for a workflow that this worker does not serve, costs one jump
 *   however much of it there is. Priorities below the one at which the limit is reached are not looked at. Suspects are
 *   found by `run_suspect`, which is empty while no worker dies.
 *
 * `due` is materialized: `UPDATE … WHERE id IN (SELECT … LIMIT n FOR UPDATE SKIP LOCKED)` was seen to take more than n. The
 * update reads its ids from an array, which is planned as a few lookups; joined with them, it scanned the whole table in
 * the plan for all parameters, where the limit is not known.
 */
export function claimRuns(schema: string, request: ClaimRequest, now: Date | null): SqlStatement {
  const name = 'claim-runs';
  return {
    name,
    text: textOnce(schema, name, () => buildText(schema)),
    values: [
      now,
      request.worker,
      request.queue,
      request.workflows.map(({ name }) => name),
      request.workflows.map(({ version }) => version),
      request.limit,
      request.workflows.map(({ hash }) => hash),
      request.suspects?.fromDeliveries ?? NEVER_SUSPECTED,
      request.suspects?.limit ?? 0,
      request.suspects?.aloneAtDeliveries ?? NEVER_ALONE,
    ],
  };
}

function buildText(schema: string): string {
  return `
with recursive served as materialized (
  select s.name, s.version from unnest($4::text[], $5::int[]) as s (name, version)
   where exists (select from ${schema}.worker w where w.id = $2)
     and not exists (select from ${schema}.pause p where p.workflow = s.name and p.version in (0, s.version))
),
level (priority) as (
  (select r.priority from ${schema}.run r where ${WAITING} order by r.priority desc limit 1)
  union all
  select (select r.priority from ${schema}.run r
           where ${WAITING} and r.priority < level.priority order by r.priority desc limit 1)
    from level where level.priority is not null
),
due as materialized (
  select c.id, c.status, c.started_at, c.due_at
    from level
   cross join lateral (
     select r.id, r.status, r.started_at, r.due_at
       from (select l.* from ${lanesOf(schema)} where l.due_at <= ${nowSql(1)} order by l.due_at) l
      cross join lateral (
        select r.id, r.status, r.started_at, r.due_at from ${schema}.run r
         where ${WAITING} and r.priority = level.priority and r.workflow = l.workflow and r.version = l.version
           and r.due_at <= ${nowSql(1)} and r.deliveries < $8 and ${CLAIMABLE}
         order by r.due_at
         limit $6
           for no key update skip locked
      ) r
   ) c
   where level.priority is not null
   limit $6
),
suspect as materialized (
  select r.id, r.status, r.started_at, r.due_at, r.deliveries from ${schema}.run r
   where ${WAITING} and r.due_at <= ${nowSql(1)} and r.deliveries > 0 and r.deliveries >= $8 and ${CLAIMABLE}
     and exists (select from served s where s.name = r.workflow and s.version = r.version)
   order by r.priority desc, r.due_at
   limit $9
     for no key update of r skip locked
),
taken as materialized (
  select s.id, s.status, s.started_at, s.due_at from suspect s
  union all
  select * from due where not exists (select from suspect s where s.deliveries = $10::int)
   limit $6
),
claimed as (
  update ${schema}.run r
     set epoch = r.epoch + 1,
         deliveries = r.deliveries + 1,
         worker_id = $2,
         due_at = null,
         awaiting = null,
         status = case when r.status = 'compensating' or r.cancel is not null then 'compensating' else 'running' end,
         started_at = coalesce(r.started_at, ${nowSql(1)}),
         updated_at = ${nowSql(1)}
   where r.id = any (array(select taken.id from taken))
  returning r.id, r.workflow, r.version, r.plan_hash, r.status, r.epoch, r.retried_epoch, r.cursor, r.deliveries,
            r.wakeups, r.cancel, r.input, r.error, r.parent_id, r.parent_key, r.trace,
            extract(epoch from r.deadline_at - ${nowSql(1)})::float8 * 1000 as deadline_in_ms
),
upcoming as (
  select case when (select count(*) from taken) < $6 then (
    select min(u.due_at)
      from level
     cross join lateral ${lanesOf(schema)}
     cross join lateral (
       select r.due_at from ${schema}.run r
        where ${WAITING} and r.priority = level.priority and r.workflow = l.workflow and r.version = l.version
          and r.due_at > ${nowSql(1)}
        order by r.due_at limit 1
     ) u
     where level.priority is not null
  ) end as due_at
)
select c.*, taken.status as previous_status, taken.started_at is not null as begun,
       extract(epoch from ${nowSql(1)} - taken.due_at)::float8 * 1000 as waited_ms,
       extract(epoch from u.due_at - ${nowSql(1)})::float8 * 1000 as next_due_ms,
       ${nowSql(1)} as now
  from upcoming u left join (claimed c join taken on taken.id = c.id) on true`;
}

/** The served workflow versions that wait at one `level`, as `l`, each with the time of its first run. */
function lanesOf(schema: string): string {
  const first = (behind: string): string => `
      select r.workflow, r.version, r.due_at from ${schema}.run r
       where ${WAITING} and r.priority = level.priority${behind}
       order by r.workflow, r.version, r.due_at limit 1`;
  return `(
    with recursive lane as (
      (${first('')})
      union all
      select next.* from lane cross join lateral (${first(' and (r.workflow, r.version) > (lane.workflow, lane.version)')}) next
    )
    select lane.* from lane join served s on s.name = lane.workflow and s.version = lane.version
  ) l`;
}

import { PlanChangedError } from '../../../../errors/index.js';
import { RUN_COLUMNS } from '../run-columns.sql.js';
import { runsFrom } from '../run-progress.sql.js';
import { nowSql } from '../sql-clock.sql.js';
import type { SqlStatement } from '../sql-statement.js';

/** As a condition that the partial index `run_unfinished` serves. */
const IN_FLIGHT = `r.status in ('pending', 'running', 'suspended', 'compensating')`;

/**
 * Groups runs in flight by what their rows say that they wait for; the plan of a group's place says the rest.
 *
 * - Parameters: the clock, the error code of stopped runs, how many runs to look at. Locks: none.
 * - Result: `workflow`, `version`, `planHash`, `cursor`, `state`, `count`. Index: `run_unfinished`.
 */
export function countWaiting(schema: string, limit: number, now: Date | null): SqlStatement {
  return {
    name: 'dashboard-waiting',
    text: `
select g.workflow, g.version, g.plan_hash as "planHash", g.cursor, g.state, count(*)::int as count
  from (
    select r.workflow, r.version, r.plan_hash, r.cursor,
           case when r.worker_id is not null and r.status <> 'compensating' then 'held'
                when r.paused_at is not null or exists (
                  select from ${schema}.pause p where p.workflow = r.workflow and p.version in (0, r.version)) then 'paused'
                when r.due_at is null and r.worker_id is null and r.error ->> 'code' = $2 then 'plan_changed'
                when r.status = 'compensating' then 'compensating'
                when r.due_at <= ${nowSql(1)} then 'due'
                when r.status = 'pending' then 'delayed'
                when exists (select from unnest(r.awaiting) a where starts_with(a, 'resume:')) then 'resume'
                when r.awaiting is not null then 'signal'
                when r.due_at is not null then 'later'
                else 'never' end as state
      from ${schema}.run r
     where ${IN_FLIGHT}
     limit $3::int) g
 group by g.workflow, g.version, g.plan_hash, g.cursor, g.state`,
    values: [now, PlanChangedError.code, limit],
  };
}

/**
 * Counts what happened in stretches of time, among the newest runs.
 *
 * There is no index on the end of a run: every run would pay for it with its last checkpoint. The newest runs by id are
 * read instead, a bounded number.
 *
 * `date_part` and not `extract`: the latter computes with numerics, which takes most of the statement's time.
 *
 * - Parameters: the clock, milliseconds of a stretch, number of stretches, number of runs. Locks: none.
 * - Result: one row a stretch that is not empty, `bucket` from 0; one with `bucket` null: `now`, `since` (when the oldest of
 *   these runs was created, if there are more), `completedLastMinute`.
 * - Index: the primary key, backwards.
 */
export function countActivity(
  schema: string,
  window: { readonly bucketMs: number; readonly buckets: number },
  newest: number,
  now: Date | null,
): SqlStatement {
  return {
    name: 'dashboard-activity',
    text: `
with c as (select ${nowSql(1)} as now, ${nowSql(1)} - $2::float8 * $3::int * interval '1 millisecond' as start),
recent as materialized (
  select r.status, r.created_at, r.finished_at from ${schema}.run r order by r.id desc limit $4::int + 1
),
happened as (
  select r.created_at as at, 'started' as what from recent r, c where r.created_at >= c.start
   union all
  select r.finished_at, r.status from recent r, c where r.finished_at >= c.start
),
counted as (
  select greatest(0, least($3::int - 1, floor(date_part('epoch', h.at - c.start) * 1000 / $2::float8)))::int as bucket,
         count(*) filter (where h.what = 'started')::int as started,
         count(*) filter (where h.what = 'completed')::int as completed,
         count(*) filter (where h.what in ('failed', 'compensation_failed'))::int as failed,
         count(*) filter (where h.what = 'canceled')::int as canceled
    from happened h, c
   group by 1
)
select n.bucket, n.started, n.completed, n.failed, n.canceled,
       null::timestamptz as now, null::timestamptz as since, null::int as "completedLastMinute"
  from counted n
 union all
select null, null, null, null, null, c.now,
       (select case when count(*) > $4::int then min(r.created_at) end from recent r),
       (select count(*)::int from recent r where r.status = 'completed' and r.finished_at > c.now - interval '1 minute')
  from c`,
    values: [now, window.bucketMs, window.buckets, newest],
  };
}

/**
 * Groups the newest failures by workflow and error, the most frequent first.
 *
 * - Parameters: since when, how many failures to look at, how many groups. Locks: none. Index: `run_unfinished`.
 */
export function groupFailures(schema: string, since: Date, newest: number, groups: number): SqlStatement {
  return {
    name: 'dashboard-failures',
    text: `
select f.workflow, f.error, count(*)::int as count, max(f.id::text) as sample
  from unnest(array['failed', 'compensation_failed']) as s (status)
 cross join lateral (
   select r.id, r.workflow, left(concat_ws(': ', r.error ->> 'name', r.error ->> 'message'), 200) as error, r.finished_at
     from ${schema}.run r
    where r.status = s.status and r.status <> 'completed'
    order by r.id desc limit $2::int) f
 where f.finished_at >= $1::timestamptz
 group by f.workflow, f.error
 order by count desc, sample desc
 limit $3::int`,
    values: [since, newest, groups],
  };
}

/**
 * Reads the run that has been due for the longest time and is taken by nobody.
 *
 * - Parameters: the clock. Result: at most one row of {@link RUN_COLUMNS}. Locks: none. Index: `run_due`, of which it
 *   reads the entries of all parked runs that have a time.
 */
export function findOldestDue(schema: string, now: Date | null): SqlStatement {
  return {
    name: 'dashboard-oldest-due',
    text: `
select ${RUN_COLUMNS}
  from ${runsFrom(
    schema,
    `(select r.* from ${schema}.run r
         where r.due_at is not null and r.paused_at is null and r.due_at <= ${nowSql(1)}
           and not exists (select from ${schema}.pause p where p.workflow = r.workflow and p.version in (0, r.version))
         order by r.due_at, r.id limit 1)`,
  )}`,
    values: [now],
  };
}

/**
 * Reads all workers with what they hold.
 *
 * - Parameters: the clock. Locks: none. Index: `run_held` for each.
 */
export function listWorkers(schema: string, now: Date | null): SqlStatement {
  return {
    name: 'dashboard-workers',
    text: `
select c.now, w.id, w.name, w.queue, w.host, w.pid, w.workflows, w.slots, w.started_at as "startedAt",
       w.heartbeat_at as "heartbeatAt", w.expires_at as "expiresAt",
       (select count(*)::int from ${schema}.run h where h.worker_id = w.id) as held
  from (select ${nowSql(1)} as now) c
  left join ${schema}.worker w on true
 order by w.queue, w.name, w.id`,
    values: [now],
  };
}

/**
 * Groups due runs that no living worker would take.
 *
 * - Parameters: the clock, how many runs to look at. Locks: none. Index: `run_due`.
 */
export function countUnserved(schema: string, limit: number, now: Date | null): SqlStatement {
  return {
    name: 'dashboard-unserved',
    text: `
select d.queue, d.workflow, d.version, count(*)::int as count
  from (
    select r.queue, r.workflow, r.version from ${schema}.run r
     where r.due_at is not null and r.paused_at is null and r.due_at <= ${nowSql(1)}
     limit $2::int) d
 where not exists (
   select from ${schema}.worker w
    where w.queue = d.queue and w.expires_at > ${nowSql(1)} and d.workflow || '@' || d.version = any (w.workflows))
 group by d.queue, d.workflow, d.version
 order by count desc`,
    values: [now, limit],
  };
}

/** About how many runs there are, as the last analysis of the table said. Index: none; it reads the catalog. */
export function estimateRuns(schema: string): SqlStatement {
  return {
    name: 'dashboard-estimate',
    text: `select greatest(0, c.reltuples)::float8 as runs from pg_catalog.pg_class c where c.oid = '${schema}.run'::regclass`,
    values: [],
  };
}

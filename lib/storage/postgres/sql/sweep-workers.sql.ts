import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Workers that may be dead: the lease has ended, or nobody holds the session advisory lock that belongs to it.
 * `pg_locks` is read instead of trying the lock, because a try would take it from a worker that is just reconnecting.
 *
 * - Parameters: the clock. Result: `id`, `heartbeat` (as text, exact), `expired`. Locks: none.
 */
export function listSuspects(schema: string, now: Date | null): SqlStatement {
  return {
    name: 'list-suspects',
    text: `
with held as materialized (
  select (l.classid::bigint << 32) | l.objid::bigint as lock_key
    from pg_catalog.pg_locks l
   where l.locktype = 'advisory' and l.granted and l.objsubid = 1
     and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = current_database())
)
select w.id, w.heartbeat_at::text as heartbeat, w.expires_at <= ${nowSql(1)} as expired
  from ${schema}.worker w
 where w.expires_at <= ${nowSql(1)} or not exists (select from held where held.lock_key = w.lock_key)`,
    values: [now],
  };
}

/**
 * Declares workers dead, if they are still as they were seen: a heartbeat in between saves one.
 *
 * - Parameters: ids, heartbeats as seen. Result: `id`. Locks: the rows. Index: the primary key.
 */
export function buryWorkers(schema: string, ids: readonly string[], heartbeats: readonly string[]): SqlStatement {
  return {
    name: 'bury-workers',
    text: `
delete from ${schema}.worker w
 using unnest($1::uuid[], $2::timestamptz[]) as seen (id, heartbeat_at)
 where w.id = seen.id and w.heartbeat_at = seen.heartbeat_at
returning w.id`,
    values: [ids, heartbeats],
  };
}

/** Ids of workers that hold runs and have no row, as `orphaner`. Jumps from one holder in `run_held` to the next. */
const orphaners = (schema: string): string => `
with recursive holder (id) as (
  (select r.worker_id from ${schema}.run r where r.worker_id is not null order by r.worker_id limit 1)
  union all
  select (select r.worker_id from ${schema}.run r where r.worker_id > holder.id order by r.worker_id limit 1)
    from holder where holder.id is not null
),
orphaner (id) as (
  select h.id from holder h
   where h.id is not null and not exists (select from ${schema}.worker w where w.id = h.id)
)`;

/**
 * Whether any run is held by a worker that has no row.
 *
 * - Parameters: none. Result: `found`. Locks: none. Index: `run_held`; the cost is the number of workers, not of runs.
 */
export function findOrphaners(schema: string): SqlStatement {
  return {
    name: 'find-orphaners',
    text: `${orphaners(schema)}
select exists (select from orphaner) as found`,
    values: [],
  };
}

/**
 * Makes due what is held by a worker that has no row: its owner was declared dead, or claimed after that. The epoch
 * rises, which fences the old holder even before somebody claims the run.
 *
 * - Parameters: the clock. Result: `id` and `queue` a run, whose cursors are to be settled in the same transaction.
 * - Locks: those rows, `SKIP LOCKED` (the next sweep takes the rest). Index: `run_held`.
 */
export function reclaimOrphans(schema: string, now: Date | null): SqlStatement {
  return {
    name: 'reclaim-orphans',
    text: `${orphaners(schema)},
orphan as materialized (
  select r.id from ${schema}.run r
   where r.worker_id = any (array(select o.id from orphaner o))
     for no key update skip locked
)
update ${schema}.run r
   set worker_id = null, epoch = r.epoch + 1, due_at = ${nowSql(1)}, updated_at = ${nowSql(1)},
       status = case r.status when 'running' then 'pending' else r.status end
  from orphan
 where r.id = orphan.id and r.status in ('running', 'compensating')
returning r.id, r.queue`,
    values: [now],
  };
}

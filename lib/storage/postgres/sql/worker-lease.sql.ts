import type { WorkerRegistration } from '../../contract/worker-store.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Writes a worker's row, the lease of all runs that it will hold.
 *
 * - Parameters: the clock, then the row's columns. Result: `heartbeat_at`. Locks: the row. Index: the primary key.
 */
export function registerWorker(
  schema: string,
  worker: WorkerRegistration,
  lockKey: string,
  now: Date | null,
): SqlStatement {
  return {
    text: `
insert into ${schema}.worker (id, name, queue, host, pid, workflows, slots, lock_key, started_at, heartbeat_at, expires_at)
values ($2, $3, $4, $5, $6, $7, $8, $9, ${nowSql(1)}, ${nowSql(1)}, ${nowSql(1)} + $10::float8 * interval '1 millisecond')
    on conflict (id) do update set heartbeat_at = excluded.heartbeat_at, expires_at = excluded.expires_at
returning heartbeat_at`,
    values: [
      now,
      worker.id,
      worker.name,
      worker.queue,
      worker.host,
      worker.pid,
      worker.workflows,
      worker.slots,
      lockKey,
      worker.leaseMs,
    ],
  };
}

/**
 * Extends a lease. No row means that the worker was declared dead.
 *
 * - Parameters: the clock, worker, milliseconds. Result: `heartbeat_at`. Locks: the row. Index: the primary key; heap-only.
 */
export function renewWorker(schema: string, worker: string, leaseMs: number, now: Date | null): SqlStatement {
  return {
    name: 'renew-worker',
    text: `
update ${schema}.worker
   set heartbeat_at = ${nowSql(1)}, expires_at = ${nowSql(1)} + $3::float8 * interval '1 millisecond'
 where id = $2
returning heartbeat_at`,
    values: [now, worker, leaseMs],
  };
}

/**
 * Removes a worker that stops in order and gives back what it still holds, due at once; not counted as a crash. The
 * epoch rises, so that nothing which is still under way in that process can be written any more.
 *
 * - Parameters: the clock, worker. Result: `runs`, their ids, for `settleCursors`. Locks: its run rows, in the order of their ids, and its own row. It waits
 *   for them: a run that is left to the sweeps counts as a crash, which with one delivery is the end of it.
 * - Index: `run_held`.
 */
export function unregisterWorker(schema: string, worker: string, now: Date | null): SqlStatement {
  return {
    text: `
with held as materialized (
  select id from ${schema}.run where worker_id = $2 order by id for no key update
),
returned as (
  update ${schema}.run r
     set worker_id = null, epoch = r.epoch + 1, deliveries = 0, due_at = ${nowSql(1)}, updated_at = ${nowSql(1)},
         status = case r.status when 'running' then 'pending' else r.status end
    from held
   where r.id = held.id and r.worker_id = $2 and r.status in ('running', 'compensating')
  returning r.id
),
removed as (delete from ${schema}.worker where id = $2)
select array(select id from returned) as runs`,
    values: [now, worker],
  };
}

/**
 * Gives back what a living worker holds without knowing it. See {@link unregisterWorker}.
 *
 * - Parameters: the clock, worker, ids of the runs that it knows. Result: `runs`, as above, and `left`: how many are locked.
 * - Locks: the run rows, `SKIP LOCKED`. Index: `run_held`.
 */
export function handBackOthers(
  schema: string,
  worker: string,
  held: readonly string[],
  now: Date | null,
): SqlStatement {
  return {
    name: 'hand-back-others',
    text: `
with stray as materialized (
  select id from ${schema}.run where worker_id = $2 and id <> all ($3::uuid[]) order by id for no key update skip locked
),
returned as (
  update ${schema}.run r
     set worker_id = null, epoch = r.epoch + 1, deliveries = 0, due_at = ${nowSql(1)}, updated_at = ${nowSql(1)},
         status = case r.status when 'running' then 'pending' else r.status end
    from stray
   where r.id = stray.id and r.worker_id = $2 and r.status in ('running', 'compensating')
  returning r.id
)
select array(select id from returned) as runs,
       (select count(*)::int from ${schema}.run where worker_id = $2 and id <> all ($3::uuid[]))
         - (select count(*)::int from stray) as left`,
    values: [now, worker, held],
  };
}

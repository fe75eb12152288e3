import { isResumeSignal } from '../../../definition/journal-key.js';
import type { SignalToSend } from '../../contract/run-admin.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Stores a signal, raises the run's wake-up counter, and makes the run due if it is parked and waits for this name. The
 * wait is then over: a second signal of the name is kept for a later one. A run that has ended keeps nothing, and what
 * resumes a step is not kept either: a second answer to one question must not be taken for the answer to the next.
 *
 * The very signal that is stored already is that of an earlier try whose answer was lost: it counts as stored, and as accepted
 * where a wait has ended by it.
 *
 * The wake-up counter numbers the signals of a run. A time would not do: who waits for the row's lock has an earlier one
 * than those who were let in before.
 *
 * - Parameters: the clock, signal id, run id or workflow and key, name, payload, dedupe id, whether to keep none.
 * - Result: `id`, `status`, `queue`, `stored`, `accepted`; no row when there is no such run.
 * - Locks: the run row. Index: the primary key or `run_idempotency`, and `signal_dedupe`.
 */
export function sendSignal(schema: string, signal: SignalToSend, now: Date | null): SqlStatement {
  const { target } = signal;
  const byId = 'runId' in target;
  return {
    name: byId ? 'send-signal' : 'send-signal-by-key',
    text: `
with target as materialized (
  select r.id, r.status, r.queue, r.awaiting, r.wakeups,
         r.status = 'suspended' and r.worker_id is null and $5 = any (coalesce(r.awaiting, '{}')) as waits,
         r.status = 'suspended' and r.awaiting is null and r.due_at <= ${nowSql(1)} as woken
    from ${schema}.run r
   where ${byId ? 'r.id = $3 and $4::text is null' : 'r.workflow = $3 and r.idempotency_key = $4'}
     for no key update
),
repeated as (
  select s.run_id, s.consumed_by is not null as taken from ${schema}.signal s where s.id = $2
),
stored as (
  insert into ${schema}.signal (id, run_id, name, position, dedupe_id, payload, sent_at)
  select $2, t.id, $5, t.wakeups + 1, $7, $6::json, ${nowSql(1)}
    from target t
   where t.status not in ('completed', 'failed', 'canceled', 'compensation_failed') and (t.waits or not $8)
      on conflict do nothing
  returning run_id
),
woken as (
  update ${schema}.run r
     set wakeups = t.wakeups + 1,
         awaiting = case when t.waits then null else r.awaiting end,
         due_at = case when t.waits then ${nowSql(1)} else r.due_at end
    from target t join stored s on s.run_id = t.id
   where r.id = t.id
)
select t.id, t.status, t.queue, s.run_id is not null or p.run_id is not null as stored,
       t.waits and s.run_id is not null or coalesce(p.taken or t.woken and p.run_id is not null, false) as accepted
  from target t left join stored s on s.run_id = t.id left join repeated p on p.run_id = t.id`,
    values: [
      now,
      signal.id,
      byId ? target.runId : target.workflow,
      byId ? null : target.idempotencyKey,
      signal.name,
      signal.payload,
      signal.dedupeId,
      isResumeSignal(signal.name),
    ],
  };
}

/**
 * The signal that has waited longest of those with one of these names.
 *
 * - Parameters: run id, names. Result: `id`, `name`, `payload`. Locks: none. Index: `signal_waiting`.
 */
export function nextSignal(schema: string, runId: string, names: readonly string[]): SqlStatement {
  return {
    name: 'next-signal',
    text: `
select id, name, payload from ${schema}.signal
 where run_id = $1 and name = any ($2::text[]) and consumed_by is null
 order by position limit 1`,
    values: [runId, names],
  };
}

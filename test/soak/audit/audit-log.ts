import type { Client } from 'pg';
import { INSIDE_LEDGER } from '../ledger/inside-ledger.js';

/**
 * Shadow tables that triggers fill with every change of what the engine writes, so that the invariants can look at the
 * past. The engine knows nothing of them. Each row keeps its transaction: with `track_commit_timestamp`, that tells when a
 * change was committed, which is later than when it was made.
 */
export const AUDIT_LOG = `
create schema soak;
create table soak.run_history (
  seq bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(), op text not null, run_id uuid not null,
  status_before text, status text, epoch_before int, epoch int, worker_before uuid, worker_id uuid, due_before timestamptz,
  due_at timestamptz, cursor int, deliveries int, wakeups_before int, wakeups int);
create index on soak.run_history (run_id, seq);
create table soak.journal_history (
  seq bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id(), op text not null, run_id uuid not null, key text not null,
  kind text, position int, epoch int, run_epoch int);
create index on soak.journal_history (run_id, key);
create table soak.signal_history (
  seq bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
  op text not null, signal_id uuid not null, run_id uuid not null, name text, position int, before text, consumed_by text);
create index on soak.signal_history (run_id, name);
create table soak.worker_history (
  seq bigint generated always as identity primary key, at timestamptz not null default clock_timestamp(),
  op text not null, worker_id uuid not null, pid int, slots int, expires_at timestamptz);

create function soak.log_run() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into soak.run_history (op, run_id, status_before, epoch_before) values (tg_op, old.id, old.status, old.epoch);
  elsif tg_op = 'INSERT' then
    insert into soak.run_history (op, run_id, status, epoch, worker_id, due_at, cursor, deliveries, wakeups)
    values (tg_op, new.id, new.status, new.epoch, new.worker_id, new.due_at, new.cursor, new.deliveries, new.wakeups);
  else
    insert into soak.run_history (op, run_id, status_before, status, epoch_before, epoch, worker_before, worker_id,
                                  due_before, due_at, cursor, deliveries, wakeups_before, wakeups)
    values (tg_op, new.id, old.status, new.status, old.epoch, new.epoch, old.worker_id, new.worker_id,
            old.due_at, new.due_at, new.cursor, new.deliveries, old.wakeups, new.wakeups);
  end if;
  return null;
end $$;
create function soak.log_journal() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into soak.journal_history (op, run_id, key) values (tg_op, old.run_id, old.key);
  else
    insert into soak.journal_history (op, run_id, key, kind, position, epoch, run_epoch)
    values (tg_op, new.run_id, new.key, new.kind, new.position, new.epoch,
            (select r.epoch from durable.run r where r.id = new.run_id));
  end if;
  return null;
end $$;
create function soak.log_signal() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into soak.signal_history (op, signal_id, run_id) values (tg_op, old.id, old.run_id);
  else
    insert into soak.signal_history (op, signal_id, run_id, name, position, before, consumed_by)
    values (tg_op, new.id, new.run_id, new.name, new.position,
            case tg_op when 'UPDATE' then old.consumed_by end, new.consumed_by);
  end if;
  return null;
end $$;
create function soak.log_worker() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into soak.worker_history (op, worker_id, pid, expires_at) values (tg_op, old.id, old.pid, old.expires_at);
  else
    insert into soak.worker_history (op, worker_id, pid, slots, expires_at)
    values (tg_op, new.id, new.pid, new.slots, new.expires_at);
  end if;
  return null;
end $$;
create trigger soak_log after insert or update or delete on durable.run for each row execute function soak.log_run();
create trigger soak_log after insert or update or delete on durable.journal for each row execute function soak.log_journal();
create trigger soak_log after insert or update or delete on durable.signal for each row execute function soak.log_signal();
create trigger soak_log after insert or delete on durable.worker for each row execute function soak.log_worker();
${INSIDE_LEDGER}`;

/** When each logged change was committed. Asked once, at the end: the server keeps it for a while only. */
const COMMIT_TIMES = `
create table soak.commit_time as
  select xid, pg_xact_commit_timestamp(xid::xid) as at
    from (select xid from soak.run_history union select xid from soak.journal_history) logged;
alter table soak.commit_time add primary key (xid);
analyze soak.run_history; analyze soak.journal_history; analyze soak.commit_time;
`;

/** Needs a server with `track_commit_timestamp = on`, and the tables of the engine. */
export async function installAuditLog(client: Client): Promise<void> {
  await client.query(AUDIT_LOG);
}

export async function keepCommitTimes(client: Client): Promise<void> {
  await client.query(COMMIT_TIMES);
}

import type { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { registerWorker } from '../../lib/storage/postgres/sql/worker-lease.sql.js';

/** How much is in the tables: enough for a plan that reads all of it to be ruled out by the number of its pages. */
export const FINISHED = 100_000;
/** Half of them wait for a time to come, half for a signal. */
export const PARKED = 100_000;
export const DUE = 1_000;
export const HELD = 200;

/** Filling takes five seconds on a quiet machine. */
export const FILL_TIMEOUT_MS = 120_000;

export const QUEUE = 'durable';
/** Registered and alive; holds the held runs. */
export const WORKER = '01930000-0000-7000-8000-0000000000aa';
/** Known to nobody. */
export const DEAD_WORKER = '01930000-0000-7000-8000-0000000000bb';

/** Runs to insert: SQL of their columns, with `n` counting up from 1. */
export interface RunsToAdd {
  readonly count: number;
  readonly status: string;
  /** A text. @default {@link QUEUE} */
  readonly queue?: string;
  readonly workflow?: string;
  /** @default both of 1 and 2 */
  readonly version?: string;
  readonly priority?: string;
  readonly due?: string;
  readonly worker?: string;
  readonly finished?: string;
}

const FILLED = FINISHED + PARKED + DUE + HELD;

let added = 0;

/** A database with large tables: filled once, and copied for every other spec file. */
export async function createLargeTables(): Promise<TestDatabase> {
  const database = await createTestDatabase({ filling: { name: 'large_tables', fill: fillTables } });
  added = FILLED;
  return database;
}

/** Their ids grow in the order of the calls, as a UUIDv7 grows with time. */
export async function addRuns(client: Client, runs: RunsToAdd): Promise<void> {
  const { count, status, queue = QUEUE, workflow = `'order'`, version = '1 + n % 2', priority = '0' } = runs;
  const { due = 'null', worker = 'null', finished = 'null' } = runs;
  await client.query(`
    insert into durable.run (id, workflow, version, plan_hash, status, queue, priority, idempotency_key, cursor, epoch,
                             worker_id, due_at, created_at, started_at, updated_at, finished_at, input)
    select (lpad(to_hex(1700000000000 + ${added} + n), 12, '0') || '7' || left(md5(n::text), 3)
            || '8' || substr(md5(n::text), 4, 15))::uuid,
           ${workflow}, ${version}, 'hash', ${status}, '${queue}', ${priority}, 'key-' || (${added} + n), 1, 1,
           (${worker})::uuid, (${due})::timestamptz, now(), now(), now(), (${finished})::timestamptz, '{"order":1}'
      from generate_series(1, ${count}) n`);
  added += count;
}

/**
 * Fills the tables of a migrated database: finished runs first, then what is parked, behind them the few that matter now;
 * for each of them three journal rows, a failed attempt and a signal, for some an operator's order. Then brings the statistics up to date.
 */
async function fillTables(client: Client): Promise<void> {
  await addRuns(client, {
    count: FINISHED,
    status: `case when n % 1000 = 0 then 'failed' when n % 500 = 0 then 'canceled' else 'completed' end`,
    finished: `now() - interval '1 day'`,
  });
  await addRuns(client, {
    count: PARKED,
    status: `'suspended'`,
    due: `case when n % 2 = 0 then now() + interval '1 day' + n * interval '1 second' end`,
  });
  await addRuns(client, { count: DUE, status: `'pending'`, due: `now() - n * interval '1 ms'` });
  await addRuns(client, { count: HELD, status: `'running'`, worker: `'${WORKER}'` });
  await client.query(`
    insert into durable.attempt (run_id, key, epoch, attempt, final, duration_ms, failed_at, error)
    select id, 'step-0', 1, 1, false, 1.5, now(), '{"name":"Error","message":"unlucky"}' from durable.run;
    insert into durable.progress (run_id, key, value, updated_at)
    select id, 'step-0', '1', now() from durable.run where status = 'suspended';
    insert into durable.signal (id, run_id, name, position, payload, sent_at, consumed_by)
    select gen_random_uuid(), id, 'approved', 1, 'null', now(), case when status <> 'suspended' then 'wait' end
      from durable.run;
    insert into durable.operation (id, run_id, workflow, version, action, at)
    select gen_random_uuid(), id, workflow, version, 'retry', now() from durable.run where status = 'failed' or status = 'canceled'
     union all
    select gen_random_uuid(), id, workflow, version, 'pause', now() from (select * from durable.run limit 10000) r;
    insert into durable.journal_archive (run_id, operation_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
    select run_id, id, 'step-0', 'step', 0, 1, 1, 1.5, now(), '{"ok":true}' from durable.operation;
    insert into durable.journal (run_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
    select r.id, 'step-' || k, 'step', k, 1, 1, 1.5, now(), '{"ok":true}'
      from durable.run r cross join generate_series(0, 2) k`);
  const worker = {
    id: WORKER,
    name: 'worker',
    queue: QUEUE,
    host: 'host',
    pid: 1,
    workflows: ['order@1'],
    slots: HELD,
  };
  const { text, values } = registerWorker('durable', { ...worker, leaseMs: 3_600_000 }, '1', null);
  await client.query(text, [...values]);
  await client.query('vacuum analyze');
}

import { jest } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '../test-database.js';
import { eventually, type EventuallyOptions } from '../eventually.js';
import type { CrashAppSettings } from '../crash-app/settings.js';
import type { AppProcess } from './app-process.js';
import { Crew, type CrewSettings } from './crew.js';

/** Processes start, die and are noticed to be dead within a test, also when a machine has other things to do. */
jest.setTimeout(240_000);

const LEDGERS = `
create table outside_effect (
  id bigint generated always as identity primary key, run_id uuid not null, step text not null, attempt int not null,
  key text not null, pid int not null, began_at timestamptz not null, ended_at timestamptz);
create table inside_effect (
  run_id uuid not null, step text not null, attempt int not null, key text not null, pid int not null,
  began_at timestamptz not null);
create table at_commit (action text not null);
create function at_commit() returns trigger language plpgsql as $$
begin
  if new.action = 'refuse' then raise exception 'refused at commit'; end if;
  perform pg_sleep(60);
  return null;
end $$;
create constraint trigger at_commit after insert on at_commit deferrable initially deferred
  for each row execute function at_commit()`;

const TERMINAL = ['completed', 'failed', 'canceled', 'compensation_failed'];

export interface RunRow {
  readonly id: string;
  readonly status: string;
  readonly epoch: number;
  readonly deliveries: number;
  readonly worker_id: string | null;
  readonly error: { readonly name: string; readonly message: string } | null;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'crash-test' });
  client.on('error', () => undefined); // the server may be stopped under it
  await client.connect();
  return client;
}

/** A database with ledgers, a crew of processes on it, and a connection of the test's own to look at it. */
export class CrashScene {
  private constructor(
    readonly url: string,
    private connection: Client,
    private readonly crew: Crew,
    private readonly database: TestDatabase | null,
  ) {}

  /** Makes a database of its own on the run's server. */
  static async set(durable: CrashAppSettings['durable'], options: TestDatabaseOptions = {}): Promise<CrashScene> {
    const database = await createTestDatabase(options);
    return CrashScene.on(database.url, durable, database);
  }

  /** Uses an empty database. */
  static async on(
    url: string,
    durable: CrashAppSettings['durable'],
    database: TestDatabase | null = null,
  ): Promise<CrashScene> {
    const client = await connect(url);
    await client.query(LEDGERS);
    return new CrashScene(url, client, new Crew({ url, durable }), database);
  }

  get client(): Client {
    return this.connection;
  }

  /** After the server was restarted under the test's own connection. */
  async reconnect(): Promise<void> {
    await this.connection.end().catch(() => undefined);
    this.connection = await connect(this.url);
  }

  /** A further connection of the test's own; the caller ends it. */
  connect(): Promise<Client> {
    return connect(this.url);
  }

  start(name: string, settings?: CrewSettings): Promise<AppProcess> {
    return this.crew.start(name, settings);
  }

  spawn(name: string, settings?: CrewSettings): Promise<AppProcess> {
    return this.crew.spawn(name, settings);
  }

  /** See {@link Crew.startGated}. */
  startGated(process: AppProcess): Promise<string> {
    return this.crew.startGated(process);
  }

  async rows<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows;
  }

  async run(id: string): Promise<RunRow> {
    const [row] = await this.rows<RunRow>('select * from durable.run where id = $1', [id]);
    return row;
  }

  /** The lease that a process holds, or undefined when it holds none. */
  async workerId(process: AppProcess): Promise<string | undefined> {
    const text = 'select id from durable.worker where pid = $1 order by started_at desc limit 1';
    return (await this.rows<{ id: string }>(text, [process.pid]))[0]?.id;
  }

  async heldBy(workerId: string): Promise<string[]> {
    const rows = await this.rows<{ id: string }>('select id from durable.run where worker_id = $1', [workerId]);
    return rows.map((row) => row.id);
  }

  /** Server processes behind the checkpoint connections of all workers that there are now. */
  async checkpointBackends(): Promise<number[]> {
    const rows = await this.rows<{ pid: number }>(
      `select pid from pg_stat_activity
        where datname = current_database() and application_name like 'nest-durable:checkpoint-%'`,
    );
    return rows.map((row) => row.pid);
  }

  /** Whether a checkpoint arrived on one of these connections after that time, by the server's clock. */
  async wroteSince(backends: readonly number[], time: Date): Promise<boolean> {
    const rows = await this.rows(
      `select 1 from pg_stat_activity where pid = any ($1) and query_start > $2 and query like '%into%.journal%'`,
      [backends, time.toISOString()],
    );
    return rows.length > 0;
  }

  /** Resolves when every run of the database has ended. */
  async allEnded(options: EventuallyOptions = {}): Promise<void> {
    let open: { status: string; runs: number }[] = [];
    try {
      await eventually(
        'all runs to end',
        async () => {
          open = await this.rows<{ status: string; runs: number }>(
            'select status, count(*)::int as runs from durable.run where status <> all ($1) group by 1',
            [TERMINAL],
          );
          return open.length === 0;
        },
        options,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${JSON.stringify(open)}`, { cause: error });
    }
  }

  /** What the runs ended with that have not completed. */
  async failures(): Promise<string[]> {
    const rows = await this.rows<{ what: string }>(
      `select distinct workflow || ' ' || status || ': ' || coalesce(error::text, 'no error') as what
         from durable.run where status <> 'completed'`,
    );
    return rows.map((row) => row.what);
  }

  /** Number of runs by status. */
  async statuses(): Promise<Record<string, number>> {
    const rows = await this.rows<{ status: string; runs: number }>(
      'select status, count(*)::int as runs from durable.run group by 1',
    );
    return Object.fromEntries(rows.map((row) => [row.status, row.runs]));
  }

  /** Ends the processes, fails if one had died unasked, and drops the database. */
  async clear(): Promise<void> {
    try {
      await this.crew.dismiss();
    } finally {
      await this.client.end().catch(() => undefined);
      await this.database?.drop();
    }
  }
}

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { KEPT } from './sessions/server-session.mjs';
import { durableMigrationSql } from '../../lib/storage/postgres/migrations/durable-migration-sql.js';

export interface TestDatabase {
  readonly name: string;
  readonly url: string;
  /** Drops the database. Fails when a connection to it stays open, which the test then has leaked. */
  drop(patienceMs?: number): Promise<void>;
}

/** What takes long to put into the tables: the first spec file that asks for it does so, the others get a copy. */
export interface Filling {
  /** A part of a database's name. */
  readonly name: string;
  /** @param client in a database with our schema. */
  readonly fill: (client: Client) => Promise<void>;
}

export interface TestDatabaseOptions {
  /** A database without our schema. @default false */
  readonly empty?: boolean;
  /** What its tables hold from the beginning. */
  readonly filling?: Filling;
  /** Its URL leads to sessions that others may have had before, which is faster by far. @default false */
  readonly keptSessions?: boolean;
}

/** A backend ends in milliseconds; on a machine that does other things, in its time. Only a leak is waited for so long. */
const CLOSING_MS = 20_000;
const POLL_MS = 10;

/** Creates a database of its own for a spec file, by default a clone of the template with our schema in `durable`. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { server, sessions, prefix } = testServer();
  const name = `${prefix}_${randomBytes(6).toString('hex')}`;
  await withClient(server, async (client) => {
    if (options.empty) {
      await client.query(`create database "${name}" template template0 encoding 'UTF8'`);
    } else {
      const { filling } = options;
      const migrated = await migratedTemplate(client);
      const template = filling ? await filledTemplate(client, migrated, filling) : migrated;
      await client.query(`create database "${name}" template "${template}"`);
    }
    // The server of DATABASE_URL may be a throw-away one that does not say so itself.
    await client.query(`alter database "${name}" set nest_durable.allow_unsafe_durability = on`);
  });
  const url = databaseUrl(options.keptSessions ? sessions : server, name);
  return { name, url, drop: (patienceMs) => dropDatabase(server, name, patienceMs) };
}

/** URL of the server's maintenance database, for tests that are about the server. */
export function testServerUrl(): string {
  return testServer().server;
}

function testServer(): { server: string; sessions: string; prefix: string } {
  const { DURABLE_TEST_SERVER: server, DURABLE_TEST_SESSIONS: sessions, DURABLE_TEST_PREFIX: prefix } = process.env;
  if (!server || !sessions || !prefix) throw new Error('global-setup.mjs did not run: add it to this Jest project');
  return { server, sessions, prefix };
}

/** The setup has created it; the first that comes gives it our schema. */
async function migratedTemplate(client: Client): Promise<string> {
  const template = `${testServer().prefix}_template`;
  await once(client, template, () => {
    return withClient(databaseUrl(testServer().server, template), (inside) => inside.query(durableMigrationSql()));
  });
  return template;
}

async function filledTemplate(client: Client, migrated: string, { name, fill }: Filling): Promise<string> {
  const template = `${testServer().prefix}_${name}`;
  await once(client, template, async () => {
    // Somebody may have failed in the middle of it.
    await client.query(`drop database if exists "${template}" with (force)`);
    await client.query(`create database "${template}" template "${migrated}"`);
    await withClient(databaseUrl(testServer().server, template), fill);
  });
  return template;
}

/** Jest's workers are processes, so the first that comes is found out by a lock of the server. */
async function once(client: Client, template: string, make: () => Promise<unknown>): Promise<void> {
  await client.query('select pg_advisory_lock(hashtext($1))', [template]);
  try {
    const comment = `select shobj_description(oid, 'pg_database') as note from pg_database where datname = $1`;
    const { rows } = await client.query<{ note: string | null }>(comment, [template]);
    if (rows[0]?.note === 'complete') return;
    await make();
    await client.query(`comment on database "${template}" is 'complete'`);
  } finally {
    await client.query('select pg_advisory_unlock(hashtext($1))', [template]);
  }
}

/** A backend ends a moment after its client has closed the connection; what is there after the wait was leaked. */
async function dropDatabase(server: string, name: string, patienceMs = CLOSING_MS): Promise<void> {
  await withClient(server, async (client) => {
    const deadline = performance.now() + patienceMs;
    let open = await connectionsTo(client, name);
    while (open.length > 0 && performance.now() < deadline) {
      await delay(POLL_MS);
      open = await connectionsTo(client, name);
    }
    await client.query(`drop database if exists "${name}" with (force)`);
    if (open.length > 0) throw new Error(`connections were left open:\n${open.join('\n')}`);
  });
}

async function connectionsTo(client: Client, name: string): Promise<string[]> {
  const { rows } = await client.query<{ application_name: string; state: string; query: string }>(
    `select application_name, state, query from pg_stat_activity
      where datname = $1 and backend_type = 'client backend' and application_name <> $2`,
    [name, KEPT],
  );
  return rows.map((row) => `${row.application_name || 'a client'} (${row.state}): ${row.query}`);
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

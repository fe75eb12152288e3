// Covers the keeper of sessions that stands between tests and their server: what goes over to the next client, and what does not.
import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import { KEPT } from '../../support/sessions/server-session.mjs';
import { startSessionKeeper, type SessionKeeper } from '../../support/sessions/session-keeper.mjs';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { endSessions } from '../../support/sessions/end-sessions.js';

let database: TestDatabase;
let keeper: SessionKeeper;
let observer: Client;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  observer = new Client({ connectionString: database.url });
  await observer.connect();
});

beforeEach(async () => {
  keeper = await startSessionKeeper(database.url);
});

afterEach(async () => {
  await keeper.stop();
});

afterAll(async () => {
  await observer.end();
  await database.drop();
});

async function open(config: ClientConfig = {}): Promise<Client> {
  const client = new Client({ connectionString: keeper.url, ...config });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function value<T>(client: Client, expression: string): Promise<T> {
  return (await client.query<{ value: T }>(`select ${expression} as value`)).rows[0].value;
}

const pidOf = (client: Client): Promise<number> => value(client, 'pg_backend_pid()');

function socketOf(client: Client): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

describe('a session that its client has ended', () => {
  it('goes over to the next client, under that one’s name', async () => {
    const first = await open({ application_name: 'first' });
    const pid = await pidOf(first);
    await first.end();
    expect((await observer.query('select application_name from pg_stat_activity where pid = $1', [pid])).rows).toEqual([
      { application_name: KEPT },
    ]);

    const second = await open({ application_name: `it's second` });
    expect(await pidOf(second)).toBe(pid);
    expect(await value(second, `current_setting('application_name')`)).toBe(`it's second`);
    await second.end();
  });

  it('is ready before the client is told that it is closed', async () => {
    const pids = new Set<number>();
    for (let n = 0; n < 20; n++) {
      const client = await open();
      pids.add(await pidOf(client));
      // Taking them away takes the server a moment.
      await client.query(
        `select set_config('work_mem', '1MB', false), pg_advisory_lock(n) from generate_series(1, 2000) n`,
      );
      await client.end();
      expect(await value(observer, 'pg_try_advisory_lock(2000) and pg_advisory_unlock(2000)')).toBe(true);
    }
    expect(pids.size).toBe(1);
  });

  it('has nothing left of it: settings, locks, prepared statements, temporary tables, channels', async () => {
    const first = await open();
    const pid = await pidOf(first);
    await first.query(`set search_path = nowhere; create temp table note (a int); listen news`);
    await first.query({ name: 'one', text: 'select $1::int', values: [1] });
    await value(first, 'pg_advisory_lock(4711)::text');
    await first.end();
    // Whoever was told that it is closed finds its locks free.
    expect(await value(observer, 'pg_try_advisory_lock(4711)')).toBe(true);
    await observer.query('select pg_advisory_unlock(4711)');

    const second = await open();
    expect(await pidOf(second)).toBe(pid);
    expect(await value(second, `current_setting('search_path')`)).toBe('"$user", public');
    expect(await value(second, `to_regclass('pg_temp.note')`)).toBeNull();
    expect(await value(second, '(select count(*)::int from pg_prepared_statements)')).toBe(0);
    expect(await value(second, '(select count(*)::int from pg_listening_channels())')).toBe(0);
    await second.query({ name: 'one', text: 'select $1::text', values: ['another'] });
    await second.end();
  });

  it('does not go to a client with other settings, or for another database', async () => {
    const first = await open();
    const pid = await pidOf(first);
    await first.end();

    const other = await open({ options: '-c synchronous_commit=off' });
    expect(await pidOf(other)).not.toBe(pid);
    const elsewhere = new URL(keeper.url);
    elsewhere.pathname = '/postgres';
    const away = await open({ connectionString: elsewhere.href });
    expect(await value(away, 'current_database()')).toBe('postgres');
    await Promise.all([other.end(), away.end()]);
  });
});

describe('a session is not kept', () => {
  async function isGone(pid: number): Promise<boolean> {
    const alive = 'select from pg_stat_activity where pid = $1';
    for (let n = 0; n < 1_000; n++) if ((await observer.query(alive, [pid])).rows.length === 0) return true;
    return false;
  }

  it('with an open transaction, which is rolled back', async () => {
    await observer.query('create table entry (id int)');
    const first = await open();
    const pid = await pidOf(first);
    await first.query('begin');
    await first.query('insert into entry values (1)');
    await first.end();

    expect(await isGone(pid)).toBe(true);
    expect((await observer.query('select from entry')).rows).toEqual([]);
  });

  it('when its client is gone without a word', async () => {
    const first = await open();
    const pid = await pidOf(first);
    socketOf(first).destroy();

    expect(await isGone(pid)).toBe(true);
  });

  it('when the server ends it while nobody has it', async () => {
    const first = await open();
    const pid = await pidOf(first);
    await first.end();
    await endSessions(observer, 'pid = $1', [pid]);

    const second = await open();
    expect(await pidOf(second)).not.toBe(pid);
    await second.end();
  });
});

it('tells a client what the server tells it: errors, cancelled queries, the end of the session', async () => {
  const client = await open();
  await expect(client.query('select 1 / 0')).rejects.toThrow('division by zero');
  const pid = await pidOf(client);
  const sleeping = client.query('select pg_sleep(600)');
  await Promise.all([expect(sleeping).rejects.toThrow('canceling statement'), cancelOnceAsleep(pid)]);
  const ended = new Promise((resolve) => client.once('end', resolve));
  await observer.query('select pg_terminate_backend($1)', [pid]);
  await ended;
  await expect(open({ connectionString: undefined, ...hostOf(keeper), database: 'nowhere' })).rejects.toThrow(
    'database "nowhere" does not exist',
  );
});

async function cancelOnceAsleep(pid: number): Promise<void> {
  const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`;
  while ((await observer.query(cancel, [pid])).rows.length === 0);
}

function hostOf({ url }: SessionKeeper): ClientConfig {
  const { hostname, port, username, password } = new URL(url);
  return { host: hostname, port: Number(port), user: username, password };
}

it('passes on messages of any size, many at a time', async () => {
  const client = await open();
  const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(n * 100_000));
  for (const text of texts) {
    const { rows } = await client.query<{ text: string }>('select $1::text as text', [text]);
    expect(rows[0].text === text).toBe(true);
  }
  const { rows } = await client.query('select repeat(n::text, 1000) as text from generate_series(1, 2000) as n');
  expect(rows).toHaveLength(2_000);
  await client.end();
});

/**
 * Covers: the engine's own connections on a real server, and what they survive. Their transactions are in
 * engine-transactions.spec.ts, restarts of the server under load in test/crash; the classification of errors is in test/unit/storage/sqlstate.spec.ts.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { EngineClient, type EngineClientOptions } from '../../../lib/storage/postgres/connection/engine-client.js';
import type { SqlStatement } from '../../../lib/storage/postgres/sql/sql-statement.js';
import { classify } from '../../../lib/storage/postgres/sqlstate.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { eventually } from '../../support/eventually.js';
import { endSessions } from '../../support/sessions/end-sessions.js';

let database: TestDatabase;
let operator: Client;
let open: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  operator = new Client({ connectionString: database.url });
  await operator.connect();
});

afterEach(async () => {
  await Promise.all(open.map((closable) => closable.close()));
  open = [];
});

afterAll(async () => {
  await operator.end();
  await database.drop();
});

function engineClient(options: Partial<EngineClientOptions> = {}, url: string = database.url): EngineClient {
  const client = new EngineClient({ connectionString: url }, { role: 'test', statementTimeoutMs: 5_000, ...options });
  open.push(client);
  return client;
}

function sql(text: string, values: unknown[] = [], name?: string): SqlStatement {
  return { ...(name ? { name } : {}), text, values };
}

async function pidOf(client: EngineClient): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(sql('select pg_backend_pid() as pid'));
  return rows[0].pid;
}

/** Kills a backend and returns when it is gone. */
async function kill(pid: number): Promise<void> {
  await endSessions(operator, 'pid = $1', [pid]);
}

describe('EngineClient', () => {
  it('connects at the first query, and names itself for operators', async () => {
    const client = engineClient({ role: 'checkpoint-0' });
    expect([client.isConnected, client.generation]).toEqual([false, 0]);

    const { rows } = await client.query(
      sql(`select current_setting('application_name') as name, current_setting('statement_timeout') as timeout,
             current_setting('default_transaction_isolation') as isolation, current_setting('jit') as jit`),
    );

    expect(rows).toEqual([
      { name: 'nest-durable:checkpoint-0', timeout: '5s', isolation: 'read committed', jit: 'off' },
    ]);
    expect([client.isConnected, client.generation]).toEqual([true, 1]);
  });

  it('keeps its settings against those of the url', async () => {
    const client = engineClient({}, `${database.url}?application_name=mine&statement_timeout=1500&query_timeout=1`);

    const { rows } = await client.query(
      sql(`select current_setting('application_name') as name, current_setting('statement_timeout') as timeout`),
    );

    expect(rows).toEqual([{ name: 'nest-durable:test', timeout: '5s' }]);
  });

  it('returns json as the text that was stored, and times as dates', async () => {
    const { rows } = await engineClient().query(
      sql(
        `select $1::json as json, $2::timestamptz as at, array[$2::timestamptz] as many,
                '1999-12-31 23:59:59.123456-03:30'::timestamptz as past, null::timestamptz as never`,
        ['{"b":1.0,  "a":[] }', new Date(1_700_000_000_123)],
      ),
    );

    expect(rows[0].json).toBe('{"b":1.0,  "a":[] }');
    expect(rows[0].at).toEqual(new Date(1_700_000_000_123));
    expect(rows[0].past).toEqual(new Date('2000-01-01T03:29:59.123Z'));
    expect(rows[0].never).toBeNull();
  });

  it('runs statements in the order of the calls, one at a time', async () => {
    const client = engineClient();
    const order: number[] = [];

    await Promise.all(
      [1, 2, 3].map(async (n) => {
        await client.query(sql('select pg_sleep($1::float8)', [n === 1 ? 0.05 : 0]));
        order.push(n);
      }),
    );

    expect(order).toEqual([1, 2, 3]);
  });

  it('prepares a named statement once a connection', async () => {
    const client = engineClient();
    for (const n of [1, 2, 3]) await client.query(sql('select $1::int', [n], 'one'));

    // PostgreSQL 13 does not count the uses.
    const { rows } = await client.query(
      sql(`select name, coalesce((to_json(s)->>'generic_plans')::int + (to_json(s)->>'custom_plans')::int, 3) as uses
             from pg_prepared_statements s`),
    );

    expect(rows).toEqual([{ name: 'one', uses: 3 }]);
  });

  it('stays connected after an error of a statement', async () => {
    const client = engineClient();
    const pid = await pidOf(client);

    await expect(client.query(sql('select 1 / 0'))).rejects.toMatchObject({ code: '22012' });

    expect(await pidOf(client)).toBe(pid);
  });

  it('connects again after its idle connection was killed', async () => {
    let lost: () => void = () => {};
    const disconnected = new Promise<void>((resolve) => {
      lost = resolve;
    });
    const client = engineClient({ onDisconnect: () => lost() });
    const pid = await pidOf(client);

    await kill(pid);
    await disconnected;

    expect(client.isConnected).toBe(false);
    expect(await pidOf(client)).not.toBe(pid);
    expect(client.generation).toBe(2);
  });

  it('fails the statement that runs when the connection is killed, and no other', async () => {
    const client = engineClient();
    const pid = await pidOf(client);
    const running = client.query(sql('select pg_sleep(30)'));
    const waiting = client.query<{ one: number }>(sql('select 1 as one'));
    const failure = running.catch((error: unknown) => error);

    await kill(pid);

    expect(classify(await failure)).toBe('transient');
    expect((await waiting).rows).toEqual([{ one: 1 }]);
  });

  it('runs onConnect before the first statement of every connection, and drops a connection where it fails', async () => {
    let refuse = false;
    const client = engineClient({
      onConnect: async (connection) => {
        if (refuse) throw new Error('not now');
        await connection.query('select pg_advisory_lock(42)');
      },
    });
    const held = async (): Promise<boolean> => {
      const { rows } = await client.query(sql(`select from pg_locks where locktype = 'advisory' and objid = 42`));
      return rows.length === 1;
    };

    expect(await held()).toBe(true);
    await kill(await pidOf(client));
    await eventually('the client to notice', () => !client.isConnected);
    expect(await held()).toBe(true);

    refuse = true;
    await kill(await pidOf(client));
    await eventually('the client to notice', () => !client.isConnected);
    await expect(held()).rejects.toThrow('not now');
    expect(client.isConnected).toBe(false);
    refuse = false;
    expect(await held()).toBe(true);
  });

  it('passes notifications on', async () => {
    let received: (payload: string | undefined) => void = () => {};
    const notification = new Promise<string | undefined>((resolve) => {
      received = resolve;
    });
    const client = engineClient({
      onConnect: async (connection) => {
        await connection.query('listen news');
      },
      onNotification: ({ payload }) => received(payload),
    });
    await pidOf(client);

    await operator.query(`select pg_notify('news', 'hello')`);

    expect(await notification).toBe('hello');
  });

  it('lets the server give up a statement that takes too long, and stays connected', async () => {
    const client = engineClient({ statementTimeoutMs: 100 });
    const pid = await pidOf(client);

    await expect(client.query(sql('select pg_sleep(30)'))).rejects.toMatchObject({ code: '57014' });

    expect(await pidOf(client)).toBe(pid);
  });

  it('reports a server that cannot be reached as transient, and reaches it once it is there', async () => {
    const gone = engineClient({}, 'postgres://postgres@127.0.0.1:1/none');

    const failure = await gone.query(sql('select 1')).catch((error: unknown) => error);

    expect(classify(failure)).toBe('transient');
    expect([gone.isConnected, gone.generation]).toEqual([false, 0]);
  });

  it('reports a wrong database as permanent', async () => {
    const url = new URL(database.url);
    url.pathname = '/not_there';

    const failure = await engineClient({}, url.href)
      .query(sql('select 1'))
      .catch((error: unknown) => error);

    expect(classify(failure)).toBe('permanent');
  });

  describe('when the server does not answer', () => {
    let server: Server;
    let sockets: Socket[];
    let silentUrl: string;

    beforeEach(async () => {
      sockets = [];
      server = createServer((socket) => void sockets.push(socket.on('error', () => {})));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      silentUrl = `postgres://postgres@127.0.0.1:${port}/none`;
    });

    afterEach(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });

    it('gives up connecting', async () => {
      const client = new EngineClient(
        { connectionString: silentUrl, connectionTimeoutMillis: 100 },
        { role: 'test', statementTimeoutMs: 5_000 },
      );
      open.push(client);

      const failure = await client.query(sql('select 1')).catch((error: unknown) => error);

      expect(classify(failure)).toBe('transient');
    });

    it('closes while it connects', async () => {
      const client = engineClient({}, silentUrl);
      const failure = client.query(sql('select 1')).catch((error: unknown) => error);

      await client.close();

      expect(await failure).toBeInstanceOf(Error);
    });
  });

  it('gives up a statement that no answer comes to, and uses another connection then', async () => {
    const client = engineClient({
      statementTimeoutMs: 200,
      onConnect: async (connection) => {
        await connection.query('set statement_timeout = 0');
      },
    });
    const pid = await pidOf(client);

    const failure = await client.query(sql('select pg_sleep(30)')).catch((error: unknown) => error);

    expect(failure).toMatchObject({ message: 'Query read timeout' });
    expect(classify(failure)).toBe('transient');
    expect(await pidOf(client)).not.toBe(pid);
    await kill(pid);
  });

  describe('close', () => {
    it('may be called before anything else, and twice', async () => {
      const client = engineClient();

      await client.close();
      await client.close();

      await expect(client.query(sql('select 1'))).rejects.toThrow('the engine\'s connection "test" is closed');
    });

    it('lets statements finish that were under way', async () => {
      const client = engineClient();
      const result = client.query<{ one: number }>(sql('select 1 as one from pg_sleep(0.05)'));

      await client.close();

      expect((await result).rows).toEqual([{ one: 1 }]);
      expect(client.isConnected).toBe(false);
    });

    it('cuts statements off that do not finish', async () => {
      const client = engineClient({ statementTimeoutMs: 30_000 });
      const pid = await pidOf(client);
      const failure = client.query(sql('select pg_sleep(20)')).catch((error: unknown) => error);

      await client.close();

      expect(classify(await failure)).toBe('transient');
      await kill(pid); // the server does not notice, and would go on sleeping
    });
  });
});

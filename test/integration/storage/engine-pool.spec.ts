// Covers: how statements are spread over the connections of a pool. One connection by itself: engine-client.spec.ts.
import { Client } from 'pg';
import { EnginePool } from '../../../lib/storage/postgres/connection/engine-pool.js';
import type { SqlStatement } from '../../../lib/storage/postgres/sql/sql-statement.js';
import { eventually } from '../../support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let operator: Client;
let open: EnginePool[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  operator = new Client({ connectionString: database.url });
  await operator.connect();
});

afterEach(async () => {
  await Promise.all(open.map((pool) => pool.close()));
  open = [];
});

afterAll(async () => {
  await operator.end();
  await database.drop();
});

function sql(text: string, values: unknown[] = []): SqlStatement {
  return { text, values };
}

function enginePool(size?: number): EnginePool {
  const options = { role: 'pool', statementTimeoutMs: 5_000 };
  const pool = new EnginePool({ connectionString: database.url }, options, size);
  open.push(pool);
  return pool;
}

it('uses another connection while one is busy, and not more than its size', async () => {
  const pool = enginePool();
  const pid = sql('select pg_backend_pid() as pid from pg_sleep(0.05)');

  const results = await Promise.all(Array.from({ length: 6 }, () => pool.query<{ pid: number }>(pid)));

  expect(new Set(results.map(({ rows }) => rows[0].pid)).size).toBe(3);
});

it('keeps to one connection while one is enough', async () => {
  const pool = enginePool();
  const pid = sql('select pg_backend_pid() as pid');
  const pids = new Set<number>();
  for (let n = 0; n < 5; n++) pids.add((await pool.query<{ pid: number }>(pid)).rows[0].pid);

  expect(pids.size).toBe(1);
});

it('lets no statement wait behind one that is stuck while another connection comes free', async () => {
  const pool = enginePool(2);
  await operator.query('select pg_advisory_lock(7)');
  let stuck = true;
  const waits = pool.query(sql('select pg_advisory_lock(7)')).then(() => {
    stuck = false;
  });

  const order: string[] = [];
  const others = ['first', 'second', 'third'].map((name) =>
    pool.query(sql('select 1 from pg_sleep(0.01)')).then(() => order.push(name)),
  );
  await Promise.all(others);
  expect(order).toEqual(['first', 'second', 'third']);
  expect(stuck).toBe(true);
  await operator.query('select pg_advisory_unlock(7)');
  await waits;
});

it('goes on after statements that failed, and refuses those after close', async () => {
  const pool = enginePool(1);
  const failing = [1, 2, 3].map(() => pool.query(sql('select 1 / 0')));
  const last = pool.query<{ one: number }>(sql('select 1 as one'));

  for (const each of await Promise.allSettled(failing)) {
    expect(each).toMatchObject({ status: 'rejected', reason: { code: '22012' } });
  }
  expect((await last).rows).toEqual([{ one: 1 }]);
  await pool.close();
  await expect(pool.query(sql('select 1'))).rejects.toThrow('closed');
});

it('lets what was asked for before close have its turn, for a moment', async () => {
  const pool = enginePool(1);
  const asked = [1, 2, 3].map((n) => pool.query<{ n: number }>(sql('select $1::int as n', [n])));
  await pool.close();

  expect((await Promise.all(asked)).map(({ rows }) => rows[0].n)).toEqual([1, 2, 3]);
});

it('runs transactions', async () => {
  const pool = enginePool();

  const state = await pool.transaction(async (query) => {
    const { rows } = await query<{ same: boolean }>(sql('select now() <> statement_timestamp() as same'));
    return rows[0].same;
  });

  expect(state).toBe(true);
});

describe('statements that may wait for somebody', () => {
  const lock = (key: number): SqlStatement => sql('select pg_advisory_xact_lock($1)', [key]);

  it('leave one connection to all others, however many of them wait', async () => {
    const pool = enginePool();
    await operator.query('select pg_advisory_lock(8)');
    const waiting = [1, 2, 3, 4].map(() => pool.patient.query(lock(8)));
    const transaction = pool.patient.transaction((query) => query(lock(8)));

    for (let n = 0; n < 3; n++) await pool.query(sql('select 1'));
    const text = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
    const blocked = async (): Promise<number> => (await pool.query<{ n: number }>(sql(text))).rows[0].n;
    // The second connection is opened once something has waited for a while.
    await eventually('two of them to wait in the server', async () => (await blocked()) >= 2);
    expect(await blocked()).toBe(2);

    await operator.query('select pg_advisory_unlock(8)');
    await Promise.all([...waiting, transaction]);
  });

  it('have one where there is only one', async () => {
    const pool = enginePool(1);

    const done = await Promise.all([1, 2, 3].map((n) => pool.patient.query<{ n: number }>(sql(`select ${n} as n`))));

    expect(done.map(({ rows }) => rows[0].n)).toEqual([1, 2, 3]);
  });

  it('give their place back when they fail', async () => {
    const pool = enginePool(2);
    for (let n = 0; n < 3; n++)
      await expect(pool.patient.query(sql('select 1 / 0'))).rejects.toMatchObject({ code: '22012' });

    await expect(pool.patient.query(sql('select 1'))).resolves.toMatchObject({ rowCount: 1 });
  });
});

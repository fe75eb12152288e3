/** Covers: transactions on a connection of the engine. The connection itself is in engine-client.spec.ts. */
import { Client } from 'pg';
import { EngineClient } from '../../../lib/storage/postgres/connection/engine-client.js';
import type { SqlStatement } from '../../../lib/storage/postgres/sql/sql-statement.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { endSessions } from '../../support/sessions/end-sessions.js';

let database: TestDatabase;
let operator: Client;
let client: EngineClient;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  operator = new Client({ connectionString: database.url });
  await operator.connect();
  await operator.query('create table note (text text)');
});

beforeEach(async () => {
  await operator.query('truncate note');
  client = new EngineClient({ connectionString: database.url }, { role: 'test', statementTimeoutMs: 5_000 });
});

afterEach(() => client.close());

afterAll(async () => {
  await operator.end();
  await database.drop();
});

const sql = (text: string): SqlStatement => ({ text, values: [] });

async function pidBy(query: EngineClient['query']): Promise<number> {
  const { rows } = await query<{ pid: number }>(sql('select pg_backend_pid() as pid'));
  return rows[0].pid;
}

async function notes(): Promise<string[]> {
  const { rows } = await operator.query<{ text: string }>('select text from note order by text');
  return rows.map((row) => row.text);
}

it('commits what its statements did, with nothing of others in between', async () => {
  const [result] = await Promise.all([
    client.transaction(async (query) => {
      await query(sql(`insert into note values ('a')`));
      const before = await notes();
      await query(sql(`insert into note values ('b')`));
      return before;
    }),
    client.query(sql(`insert into note values ('c')`)),
  ]);

  expect(result).toEqual([]);
  expect(await notes()).toEqual(['a', 'b', 'c']);
});

it('rolls back when its work fails, and goes on with the same connection', async () => {
  const pid = await client.transaction(pidBy);

  await expect(
    client.transaction(async (query) => {
      await query(sql(`insert into note values ('a')`));
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');

  expect(await notes()).toEqual([]);
  expect(await client.transaction(pidBy)).toBe(pid);
});

it('is an error when a swallowed failure made COMMIT roll back', async () => {
  await expect(
    client.transaction(async (query) => {
      await query(sql(`insert into note values ('a')`));
      await query(sql('select 1 / 0')).catch(() => {});
    }),
  ).rejects.toThrow('the transaction was not committed: the database answered ROLLBACK');

  expect(await notes()).toEqual([]);
});

it('never goes on with another connection when its own is killed', async () => {
  await expect(
    client.transaction(async (query) => {
      const pid = await pidBy(query);
      await query(sql(`insert into note values ('a')`));
      await endSessions(operator, 'pid = $1', [pid]);
      await query(sql(`insert into note values ('b')`));
    }),
  ).rejects.toThrow();

  expect(await notes()).toEqual([]);
  await client.query(sql(`insert into note values ('c')`));
  expect(await notes()).toEqual(['c']);
});

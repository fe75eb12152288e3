/** Covers: the databases that tests get (test/support). The schema in them: schema-snapshot.spec.ts. */
import { Client } from 'pg';
import { createTestDatabase, testServerUrl } from '../../support/test-database.js';

async function tablesOf(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class where relnamespace = to_regnamespace('durable') and relkind in ('r', 'p') order by relname`,
  );
  await client.end();
  return rows.map((row) => row.relname);
}

describe('createTestDatabase', () => {
  it('clones a migrated database for each of several callers at once', async () => {
    const databases = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase()));
    const tables = await Promise.all(databases.map((database) => tablesOf(database.url)));

    expect(new Set(databases.map((database) => database.name)).size).toBe(4);
    for (const names of tables) expect(names).toEqual(expect.arrayContaining(['journal', 'migration', 'run']));
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('makes an empty database on request, and drops it', async () => {
    const database = await createTestDatabase({ empty: true });

    expect(await tablesOf(database.url)).toEqual([]);
    await database.drop();
    const client = new Client({ connectionString: testServerUrl() });
    await client.connect();
    const { rows } = await client.query('select from pg_database where datname = $1', [database.name]);
    await client.end();
    expect(rows).toEqual([]);
  });

  it('fails the drop when a test left a connection open', async () => {
    const database = await createTestDatabase({ empty: true });
    const leak = new Client({ connectionString: database.url, application_name: 'leak' });
    leak.on('error', () => {});
    await leak.connect();

    await expect(database.drop(200)).rejects.toThrow(/connections were left open:\nleak \(idle\)/);
    await leak.end();
  });
});

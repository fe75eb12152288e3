// Covers servers that may lose what they have committed: refused at start, unless that was asked for. What a pooler does
// to sessions: pooler.spec.ts.
import { Client } from 'pg';
import { DatabaseUnsupportedError } from '../../../lib/index.js';
import { startLocalPostgres, type LocalPostgres } from '../../../sample-app/local-postgres.mjs';
import { DurableApp, LogBook, type DurableAppOptions } from '../../support/durable-app.js';

const WARNING =
  'warn The database may lose what it has committed (fsync and synchronous_commit are off): runs can vanish and steps ' +
  'can run twice after a crash of its machine. This was asked for.';

let server: LocalPostgres;
let log: LogBook;

async function start(settings: Record<string, string>): Promise<void> {
  server = await startLocalPostgres({ settings: { 'nest_durable.allow_unsafe_durability': 'off', ...settings } });
}

async function sql(text: string): Promise<void> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function boot(options: DurableAppOptions = {}, url = server.url): Promise<void> {
  log = new LogBook();
  const app = await DurableApp.boot(url, { ...options, typeorm: { retryAttempts: 0 } }, log);
  await app.close();
}

afterAll(() => server.stop());

describe('a server without fsync', () => {
  beforeAll(() => start({}));
  afterAll(() => server.stop());

  it('is refused before anything is written, and says what to set', async () => {
    const refused = boot();

    await expect(refused).rejects.toBeInstanceOf(DatabaseUnsupportedError);
    await expect(refused).rejects.toThrow(
      'nest-durable cannot use this database: fsync and synchronous_commit are off, so it may lose runs and steps that ' +
        'were acknowledged. Set fsync = on and synchronous_commit = on (synchronous_commit may also be set for the role, ' +
        'the database, or in the connection URL). For a throw-away database, set the module option ' +
        'allowUnsafeDurability: true, or nest_durable.allow_unsafe_durability = on beside it on the server.',
    );
    await expect(sql('select from durable.run')).rejects.toThrow('does not exist');
  });

  it('is used with a warning when the module or the server says so', async () => {
    await boot({ allowUnsafeDurability: true });
    expect(log.lines).toContain(WARNING);

    await sql('alter database postgres set nest_durable.allow_unsafe_durability = on');
    await boot();
    expect(log.lines).toContain(WARNING);
  });
});

describe('a server with fsync', () => {
  beforeAll(() => start({ fsync: 'on', synchronous_commit: 'on' }));

  const refusal = 'synchronous_commit is off, so it may lose runs and steps that were acknowledged';

  it.each([
    ['the database', 'alter database postgres', 'alter database postgres reset all'],
    ['the role', 'alter role postgres', 'alter role postgres reset all'],
  ])('is refused when synchronous_commit is off for %s', async (_where, alter, undo) => {
    await sql(`${alter} set synchronous_commit = off`);
    await expect(boot()).rejects.toThrow(refusal);
    await sql(undo);
    await boot();
  });

  it('is refused when synchronous_commit is off in the URL', async () => {
    await expect(boot({}, `${server.url}?options=-c%20synchronous_commit%3Doff`)).rejects.toThrow(refusal);
  });

  it('is used with a warning when only full_page_writes is off', async () => {
    await boot();
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn full_page_writes is off: unless the file system of the database writes whole pages, a crash of its machine ' +
        'can damage tables.',
    ]);
  });
});

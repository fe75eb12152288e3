// Covers connection poolers between the application and the database: what cannot carry sessions is refused before
// anything is written. Most of it on a proxy that works as PgBouncer does in each of its modes, and the heart of it on
// PgBouncer itself, where the machine has one. What the server itself has to promise: durability.spec.ts.
import { Client } from 'pg';
import { DatabaseUnsupportedError, durable } from '../../../lib/index.js';
import { DurableApp, DurableApps } from '../../support/durable-app.js';
import { PgBouncer } from '../../support/pgbouncer.js';
import { PoolingProxy, type PoolMode } from '../../support/pooling-proxy.js';

let proxy: PoolingProxy | PgBouncer | null = null;

// Before the applications look for what was left open.
afterEach(async () => {
  await proxy?.end();
  proxy = null;
});

const apps = new DurableApps({ keptSessions: false });

async function bootThrough(mode: PoolMode, size?: number): Promise<DurableApp> {
  return bootBehind(await PoolingProxy.to(apps.database.url, mode, size));
}

async function bootBehind(pooler: PoolingProxy | PgBouncer): Promise<DurableApp> {
  proxy = pooler;
  const plan = durable('through').step('one', () => 1);
  return DurableApp.boot(proxy.url, { workflows: [plan], typeorm: { retryAttempts: 0 } }, apps.log);
}

async function expectRefused(mode: PoolMode, refused: Promise<DurableApp>): Promise<void> {
  await expect(refused).rejects.toBeInstanceOf(DatabaseUnsupportedError);
  await expect(refused).rejects.toThrow(
    `nest-durable cannot use this database: a connection pooler in ${mode} mode (PgBouncer's pool_mode = ${mode}) stands ` +
      `before it and gives the session away after every ${mode}, while leases, LISTEN and prepared statements live in ` +
      'sessions. Connect in its session mode, or directly to PostgreSQL; when only the rest of the application is to ' +
      'keep the pooler, give nest-durable a TypeORM DataSource of its own that goes round it, and name that in the ' +
      "module's option dataSource.",
  );
  expect(await apps.count('worker')).toBe(0);
  expect(await apps.count('definition')).toBe(0);
}

it.each(['transaction', 'statement'] as const)('is refused in %s mode, and told what to set', async (mode) => {
  await expectRefused(mode, bootThrough(mode));
});

describe(
  PgBouncer.isInstalled ? 'PgBouncer itself' : 'there is no PgBouncer on this machine, so the proxy for it',
  () => {
    const pooler = (mode: 'session' | 'transaction'): Promise<PgBouncer | PoolingProxy> =>
      (PgBouncer.isInstalled ? PgBouncer.before : PoolingProxy.to)(apps.database.url, mode);

    it('is refused in transaction mode, and told what to set', async () => {
      await expectRefused('transaction', bootBehind(await pooler('transaction')));
    });

    it('carries a run in session mode', async () => {
      const app = await bootBehind(await pooler('session'));
      try {
        expect(await app.runner.startAndWait('through')).toEqual({ one: 1 });
      } finally {
        await app.close();
      }
    });
  },
);

it.each([1, 2])('is refused in transaction mode with %d server connections', async (size) => {
  await expect(bootThrough('transaction', size)).rejects.toBeInstanceOf(DatabaseUnsupportedError);
});

it('is refused in transaction mode while others keep its server connections busy', async () => {
  proxy = await PoolingProxy.to(apps.database.url, 'transaction', 8);
  const clients = Array.from({ length: 6 }, () => new Client({ connectionString: proxy!.url }));
  let over = false;
  const traffic = clients.map(async (client) => {
    await client.connect();
    while (!over) await client.query('select 1');
    await client.end();
  });
  const options = { workflows: [], typeorm: { retryAttempts: 0 } };

  await expect(DurableApp.boot(proxy.url, options, apps.log)).rejects.toBeInstanceOf(DatabaseUnsupportedError);

  over = true;
  await Promise.all(traffic);
});

it('works in session mode', async () => {
  const app = await bootThrough('session');
  try {
    expect(await app.runner.startAndWait('through')).toEqual({ one: 1 });
  } finally {
    await app.close();
  }
});

// Covers: connections that one part of the engine leaves to another.
import { durable } from '../../../lib/index.js';
import { EngineClient, type EngineClientOptions } from '../../../lib/storage/postgres/connection/engine-client.js';
import { SpareConnections } from '../../../lib/storage/postgres/connection/spare-connections.js';
import { PostgresDatabaseCheck } from '../../../lib/storage/postgres/postgres-database-check.js';
import { DurableApps, until } from '../../support/durable-app.js';
import { endSessions } from '../../support/sessions/end-sessions.js';

let spares: SpareConnections;
let open: EngineClient[];

// Before the hooks of the applications, which fail a test that leaves connections.
beforeEach(() => {
  spares = new SpareConnections();
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((client) => client.close()));
  await spares.close();
});

const apps = new DurableApps({ keptSessions: false });
const options = { role: 'test', statementTimeoutMs: 5_000 };
const state = {
  text: `select pg_backend_pid() as pid, current_setting('application_name') as name,
                current_setting('statement_timeout') as timeout, pg_current_xact_id_if_assigned() as transaction`,
  values: [],
};

function engineClient(more: Partial<EngineClientOptions> = {}): EngineClient {
  const client = new EngineClient({ connectionString: apps.url }, { ...options, spares, ...more });
  open.push(client);
  return client;
}

async function look(client: EngineClient): Promise<{ pid: number; name: string; timeout: string }> {
  return (await client.query<{ pid: number; name: string; timeout: string }>(state)).rows[0];
}

it('are taken before new ones are opened, and belong to whoever took them', async () => {
  const former = engineClient({ role: 'former' });
  const { pid } = await look(former);
  await former.release(spares);
  await expect(look(former)).rejects.toThrow('closed');

  let told = 0;
  const heir = engineClient({ role: 'heir', statementTimeoutMs: 7_000, onNotification: () => (told += 1) });
  expect(await look(heir)).toMatchObject({ pid, name: 'nest-durable:heir', timeout: '7s' });
  await heir.query({ text: 'listen spare', values: [] });
  await heir.query({ text: 'notify spare', values: [] });
  expect(told).toBe(1);
  expect((await look(engineClient())).pid).not.toBe(pid);
});

it('are of no use to anybody once they broke, noticed or not', async () => {
  const former = engineClient();
  const { pid } = await look(former);
  await former.release(spares);
  const taken = spares.take()!;
  await apps.withClient((client) => endSessions(client, 'pid = $1', [pid]));
  await until(
    () => taken.client,
    (client) => (client as unknown as { _ended: boolean })._ended,
  );
  await spares.keep(taken);

  const heir = engineClient();
  expect((await look(heir)).pid).not.toBe(pid);
  expect(heir.isConnected).toBe(true);
});

it('are not replaced by new ones once who took them is closed', async () => {
  const former = engineClient();
  const { pid } = await look(former);
  await former.release(spares);
  const heir = engineClient({ onConnect: async (client) => void (await client.query('select pg_sleep(20)')) });
  const failure = look(heir).catch((error: unknown) => error);
  const asleep = `select from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`;
  await until(
    () => apps.sql(asleep, [pid]),
    (rows) => rows.length > 0,
  );

  await heir.close();
  await apps.withClient((client) => endSessions(client, 'pid = $1', [pid]));

  expect(await failure).toMatchObject({ message: expect.stringContaining('is closed') });
});

it('are those on which the database was looked at, as they were before', async () => {
  await new PostgresDatabaseCheck({ connectionString: apps.url }, spares).run({ allowUnsafeDurability: true });

  const looks = [await look(engineClient({ role: 'a' })), await look(engineClient({ role: 'b' }))];
  expect(looks).toMatchObject([
    { name: 'nest-durable:a', transaction: null },
    { name: 'nest-durable:b', transaction: null },
  ]);
  expect(spares.take()).toBeUndefined();
});

it('are closed with what kept them, and when they are left behind afterwards', async () => {
  const [early, late] = [engineClient(), engineClient()];
  const pids = [(await look(early)).pid, (await look(late)).pid];
  await early.release(spares);
  await spares.close();
  await late.release(spares);

  expect(spares.take()).toBeUndefined();
  const alive = (): Promise<unknown[]> => apps.sql('select from pg_stat_activity where pid = any ($1::int[])', [pids]);
  expect(await until(alive, (rows) => rows.length === 0)).toEqual([]);
});

it('leave a quiet worker with few connections of the engine, one of each kind', async () => {
  const app = await apps.boot({ workflows: [durable('quiet').step('a', () => 1)] });
  await app.runner.startAndWait('quiet');

  const rows = await apps.sql<{ name: string }>(
    `select distinct regexp_replace(application_name, '-\\d$', '') as name from pg_stat_activity
      where datname = current_database() and application_name like 'nest-durable:%' order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual([
    'nest-durable:checkpoint',
    'nest-durable:control',
    'nest-durable:pool',
  ]);
});

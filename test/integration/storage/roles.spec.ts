// Covers the roles of durableRolesSql(): each can do through the package what it is for, and nothing else by any way. The
// form of the script and what it refuses: test/unit/storage/durable-roles-sql.spec.ts.
import { randomBytes } from 'node:crypto';
import { durable, durableRolesSql, type DurableContext, type DurableRole } from '../../../lib/index.js';
import { DurableApp, DurableApps, until, type DurableAppOptions } from '../../support/durable-app.js';
import { Client } from 'pg';

const TABLES = ['run', 'journal', 'journal_archive', 'attempt', 'progress', 'signal', 'worker', 'definition'];
const ALL_TABLES = [...TABLES, 'operation', 'pause', 'migration'];
const ROLES = ['migrator', 'worker', 'reader', 'operator'] as const;

/** Roles belong to the server and not to a database, so those of this file have names of their own. */
const tag = randomBytes(4).toString('hex');
const roles = {
  migrator: `migrator "${tag}"`,
  worker: `worker '${tag}`,
  reader: `reader $1 ${tag}`,
  operator: `operator 🦆 ${tag}`,
};
const logins = Object.fromEntries(ROLES.map((role) => [role, `login_${role}_${tag}`])) as Record<DurableRole, string>;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
let opened: DurableApp[] = [];

afterEach(async () => {
  for (const app of opened) await app.close();
  opened = [];
});

// Before the applications look for what was left open, and close their connection.
afterAll(async () => {
  for (const name of [...Object.values(logins), ...Object.values(roles)].map(quoted)) {
    await apps.sql(`drop owned by ${name} cascade`);
    await apps.sql(`drop role ${name}`);
  }
});

const apps = new DurableApps({ empty: true });

beforeAll(async () => {
  await apps.sql(durableRolesSql({ roles }));
  for (const role of ROLES) {
    await apps.sql(`create role ${logins[role]} login password 'pass'`);
    await apps.sql(`grant ${quoted(roles[role])} to ${logins[role]}`);
  }
});

function urlOf(role: DurableRole): string {
  const url = new URL(apps.database.url);
  url.username = logins[role];
  url.password = 'pass';
  return url.href;
}

async function bootAs(role: DurableRole, options: DurableAppOptions = {}): Promise<DurableApp> {
  const app = await DurableApp.boot(
    urlOf(role),
    { migrate: false, typeorm: { retryAttempts: 0 }, ...options },
    apps.log,
  );
  opened.push(app);
  return app;
}

async function as<T>(role: DurableRole, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: urlOf(role) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function everyNode(state: { broken: boolean }) {
  const child = durable('child').step('grow', () => 'grown');
  const plan = durable('every-node')
    .step('reserve', (ctx) => ctx.manager.query('select 1 as one'), { transactional: true, compensate: async () => {} })
    .step('flaky', flaky, { maxAttempts: 2, backoff: () => 0 })
    .parallel('both', [
      { name: 'left', handler: () => 1 },
      { name: 'right', handler: () => 2 },
    ])
    .sleep('nap', 1)
    .childWorkflow('child', 'child')
    .waitForSignal('go', 'go')
    .step(
      'last',
      async (ctx: DurableContext) => {
        await ctx.heartbeat({ seen: true });
        if (state.broken) throw new Error('not yet');
        return 'done';
      },
      { maxAttempts: 1 },
    );
  return { workflows: [child, plan] };
}

function flaky(ctx: DurableContext): string {
  if (ctx.attempt === 1) throw new Error('once');
  return 'twice';
}

it('let the migrator make the schema, and only it', async () => {
  for (const role of ['worker', 'reader', 'operator'] as const) {
    await expect(bootAs(role, { migrate: true, worker: false })).rejects.toThrow('its role may not');
  }
  await bootAs('migrator', { migrate: true, worker: false });
  await apps.sql(durableRolesSql({ roles }));
  expect(
    await apps.sql('select distinct tableowner as owner from pg_tables where schemaname = $1', ['durable']),
  ).toEqual([{ owner: roles.migrator }]);
});

it('give each role exactly these rights', async () => {
  const privileges = ['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger'];
  const rows = await apps.sql<{ role: string; table: string; rights: string }>(
    `select role, t as "table", coalesce(string_agg(p, ' ' order by o), '') as rights
       from unnest($1::text[]) as role, unnest($2::text[]) as t, unnest($3::text[]) with ordinality as privilege (p, o)
      where has_table_privilege(role, 'durable.' || t, p) group by 1, 2`,
    [[logins.worker, logins.reader, logins.operator], ALL_TABLES, privileges],
  );
  const rightsOf = (role: DurableRole) =>
    Object.fromEntries(rows.filter((row) => row.role === logins[role]).map(({ table, rights }) => [table, rights]));

  expect(rightsOf('reader')).toEqual(Object.fromEntries(ALL_TABLES.map((table) => [table, 'select'])));
  expect(rightsOf('worker')).toEqual({
    ...{ run: 'select insert', journal: 'select insert', journal_archive: 'select', attempt: 'select insert' },
    ...{ progress: 'select insert update', signal: 'select insert', worker: 'select insert update delete' },
    ...{ definition: 'select insert', operation: 'select insert', pause: 'select', migration: 'select' },
  });
  expect(rightsOf('operator')).toEqual({
    ...{ run: 'select delete', journal: 'select insert delete', journal_archive: 'select insert delete' },
    ...{ attempt: 'select delete', progress: 'select delete', signal: 'select insert delete', worker: 'select delete' },
    ...{ definition: 'select', operation: 'select insert delete', pause: 'select insert delete', migration: 'select' },
  });
  const fixed = await apps.sql<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = 'durable.run'::regclass and attnum > 0
        and not has_column_privilege($1, attrelid, attnum, 'update')
        and not has_column_privilege($2, attrelid, attnum, 'update') order by attnum`,
    [logins.worker, logins.operator],
  );
  expect(fixed.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['id', 'workflow', 'idempotency_key', 'parent_id', 'created_at', 'input']),
  );
});

it('let a worker execute every kind of node, an operator repair what failed, and a reader see it', async () => {
  const state = { broken: true };
  const { runner } = await bootAs('worker', everyNode(state));
  const run = await runner.start('every-node', { amount: 1 });
  await runner.signal(run.id, 'go', { ok: true });
  await expect(run.result({ timeout: '60s' })).rejects.toThrow('not yet');

  const operator = (await bootAs('operator', { ...everyNode(state), worker: false })).runner;
  const reader = (await bootAs('reader', { ...everyNode(state), worker: false })).runner;
  state.broken = false;
  expect(await operator.retry(run.id, { from: 'reserve', by: 'Ann' })).toMatchObject({ accepted: true });
  await runner.signal(run.id, 'go', { ok: true });

  expect(await run.result({ timeout: '60s' })).toMatchObject({ last: 'done' });
  expect(await reader.find(run.id, { journal: true })).toMatchObject({ status: 'completed', input: { amount: 1 } });
  expect(await reader.list({ workflow: 'every-node' })).toHaveLength(1);
  expect((await reader.explain(run.id)).summary).toEqual(expect.any(String));
  expect(await reader.operations(run.id)).toMatchObject([{ action: 'retry', by: 'Ann' }]);
});

it('let a worker cancel and compensate', async () => {
  const undone: string[] = [];
  const plan = durable('undoing')
    .step('do', () => 1, { compensate: (ctx) => void undone.push(ctx.runId) })
    .waitForSignal('never', 'never');
  const { runner } = await bootAs('worker', { workflows: [plan] });
  const run = await runner.start('undoing');
  await until(
    () => run.snapshot(),
    ({ awaitingSignal }) => awaitingSignal !== null,
  );
  await run.cancel('enough');
  await expect(run.result({ timeout: '60s' })).rejects.toThrow('was canceled');
  expect(undone).toEqual([run.id]);
});

it('let an operator pause, skip, terminate, signal, recover and purge', async () => {
  const plan = durable('operated')
    .waitForSignal('go', 'go')
    .step('end', () => 1);
  const worker = (await bootAs('worker', { workflows: [plan] })).runner;
  const { runner } = await bootAs('operator', { workflows: [plan], worker: false });
  const [signaled, ended, skipped] = await worker.startMany('operated', [1, 2, 3]);
  await until(
    () => skipped.snapshot(),
    ({ awaitingSignal }) => awaitingSignal !== null,
  );

  expect(await runner.pause({ workflow: 'operated' })).toMatchObject({ accepted: true });
  expect(await runner.unpause({ workflow: 'operated' })).toMatchObject({ accepted: true });
  expect(await runner.pause(ended.id)).toMatchObject({ accepted: true });
  expect(await runner.unpause(ended.id)).toMatchObject({ accepted: true });
  await runner.signal(signaled.id, 'go');
  expect(await runner.skip(skipped.id, 'go', null)).toMatchObject({ accepted: true });
  expect(await runner.terminate(ended.id)).toMatchObject({ accepted: true });
  expect(await runner.recover()).toBeGreaterThanOrEqual(0);
  await signaled.result({ timeout: '60s' });
  await skipped.result({ timeout: '60s' });
  expect(await runner.purge({ olderThan: 0 })).toBeGreaterThanOrEqual(3);
});

it('let an operator move runs to another version whose nodes have other names', async () => {
  const child = durable('moved-child').waitForSignal('go', 'go');
  const plan = (version: number, [first, second]: readonly [string, string]) =>
    durable('moved', { version })
      .step(first, () => 1, { compensate: () => null })
      .childWorkflow(second, 'moved-child');
  const workflows = [child, plan(1, ['charge', 'ask']), plan(2, ['pay', 'request'])];
  const worker = (await bootAs('worker', { workflows })).runner;
  const { runner } = await bootAs('operator', { workflows, worker: false });
  const run = await worker.start('moved', null, { version: 1 });
  const { children } = await until(
    () => worker.find(run.id, { children: true }),
    ({ status, children: found }) => status === 'suspended' && found.length === 1,
  );

  const map = { charge: 'pay', ask: 'request' };
  expect(await runner.migrate({ workflow: 'moved', version: 1 }, { to: 2, map })).toMatchObject([{ outcome: 'moved' }]);
  await worker.signal(children[0].id, 'go', 'fine');

  expect(await run.result({ timeout: '60s' })).toEqual({ pay: 1, request: { go: 'fine' } });
});

it('refuse what is not of the role', async () => {
  const plan = durable('refused').step('one', () => 1);
  const { runner: worker } = await bootAs('worker', { workflows: [plan] });
  const run = await worker.start('refused');
  await run.result();
  const { runner: reader } = await bootAs('reader', { workflows: [plan], worker: false });
  const { runner: operator } = await bootAs('operator', { workflows: [plan], worker: false });

  await expect(reader.start('refused')).rejects.toThrow('permission denied for table run');
  await expect(reader.cancel(run.id)).rejects.toThrow('permission denied');
  await expect(operator.start('refused')).rejects.toThrow('permission denied for table run');
  await expect(worker.purge({ olderThan: 0 })).rejects.toThrow('permission denied');
  await expect(worker.pause({ workflow: 'refused' })).rejects.toThrow('permission denied');
  const denied: [DurableRole, string][] = [
    ...(['worker', 'operator'] as const).flatMap((role): [DurableRole, string][] => [
      [role, `update durable.run set input = '{}'`],
      [role, `update durable.run set id = gen_random_uuid()`],
      [role, `update durable.journal set result = '{}'`],
      [role, `update durable.attempt set error = '{}'`],
      [role, `update durable.operation set by = 'nobody'`],
      [role, `insert into durable.migration (name) values ('x')`],
      [role, 'truncate durable.run'],
      [role, 'create table durable.mine ()'],
      [role, 'alter table durable.run add column mine int'],
      [role, 'drop schema durable cascade'],
    ]),
    ['worker', 'delete from durable.journal'],
    ['worker', `update durable.journal set key = 'other'`],
    ['worker', 'delete from durable.run'],
    ['worker', `update durable.signal set payload = '{}'`],
    ['reader', 'delete from durable.run'],
    ['reader', `select from durable.run for update`],
  ];
  for (const [role, text] of denied) {
    await as(role, (client) => expect(client.query(text)).rejects.toMatchObject({ code: '42501' }));
  }
});

it('stay as they are when the script runs again, whatever was granted in between', async () => {
  await apps.sql(`grant all on durable.journal to ${quoted(roles.reader)}`);
  await apps.sql(durableRolesSql({ roles }));
  await as('reader', (client) =>
    expect(client.query('delete from durable.journal')).rejects.toThrow('permission denied'),
  );
});

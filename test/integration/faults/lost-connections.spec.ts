// Covers connections that the server ends in each state that they can be in, one that it refuses, pools that are used up,
// settings of a role that end statements early, and news that nobody hears. Under load, with processes that must not die:
// test/crash/killed-connections.spec.ts. Errors of statements: raised-errors.spec.ts.
import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { durable, type DurableContext, type DurableWorkflow } from '../../../lib/index.js';
import { PostgresWakeupChannel } from '../../../lib/storage/postgres/postgres-wakeup-channel.js';
import { DurableApp, DurableApps, until } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const LOGIN = `faults_${randomBytes(4).toString('hex')}`;
const POOL = 'application-pool';
/** Enough for the statements of the application's own pool, also on a machine that does other things. */
const HURRY_MS = 200;
const SOON = { timeout: '60s' } as const;
let opened: DurableApp[] = [];

// Before the applications look for what was left open, and close their connection.
afterEach(async () => {
  for (const app of opened) await app.close();
  opened = [];
  await apps.sql('truncate effect');
});
afterAll(async () => {
  await apps.sql(`drop owned by ${LOGIN}`);
  await apps.sql(`drop role ${LOGIN}`);
});

const apps = new DurableApps({ keptSessions: false });

beforeAll(async () => {
  await apps.sql('create table effect (run_id uuid)');
  await apps.sql(`create role ${LOGIN} login password 'pass'`);
  await apps.sql(`grant usage on schema durable to ${LOGIN}`);
  await apps.sql(`grant all on all tables in schema durable to ${LOGIN}`);
  await apps.sql(`grant all on effect to ${LOGIN}`);
});

async function bootAsRole(plan: DurableWorkflow): Promise<DurableApp> {
  const url = new URL(apps.database.url);
  url.username = LOGIN;
  url.password = 'pass';
  const options = { workflows: [plan], migrate: false, worker: { pollInterval: 50 }, typeorm: { retryAttempts: 0 } };
  const app = await DurableApp.boot(url.href, options, apps.log);
  opened.push(app);
  return app;
}

/** Those of the applications. */
const CONNECTIONS = `
  from pg_stat_activity
 where datname = current_database() and backend_type = 'client backend' and application_name <> 'test'`;

/** Ends the connections of which this holds; @returns how many. */
async function kill(where: string): Promise<number> {
  const rows = await apps.sql(`select pg_terminate_backend(pid) ${CONNECTIONS} and ${where}`);
  return rows.length;
}

const effect = (ctx: DurableContext) => ctx.manager.query('insert into effect values ($1)', [ctx.runId]);

/** Runs a transactional step that stands at a gate, ends its connection there, and lets it go on. */
async function killInside(stand: (ctx: DurableContext, gate: Gate) => Promise<unknown>, where: string): Promise<void> {
  const gate = new Gate();
  const plan = durable('inside').step(
    'write',
    async (ctx) => {
      await effect(ctx);
      await stand(ctx, gate);
    },
    { transactional: true, backoff: () => 0 },
  );
  const { runner } = await apps.boot({ workflows: [plan], typeorm: { applicationName: POOL } });
  const run = await runner.start('inside');
  await until(
    () => kill(`application_name = '${POOL}' and ${where}`),
    (killed) => killed > 0,
  );
  gate.open();
  await run.result(SOON);
  expect(await apps.sql('select run_id from effect')).toEqual([{ run_id: run.id }]);
}

describe('a connection that the server ends', () => {
  it('while all are idle is opened again', async () => {
    const plan = durable('quiet').step('one', effect, { transactional: true });
    // Nothing happens by itself, so that all are idle once what follows the run's end is done.
    const { runner } = await apps.boot({ workflows: [plan], worker: { pollInterval: '10m', leaseDuration: '1h' } });
    await runner.startAndWait('quiet');
    await until(
      () => apps.sql(`select query ${CONNECTIONS} and state <> 'idle'`),
      (busy) => busy.length === 0,
    );
    expect(await kill(`state = 'idle'`)).toBeGreaterThanOrEqual(3);
    await (await runner.start('quiet')).result(SOON);
    expect(await apps.count('journal')).toBe(2);
  });

  it('while it is checked out and idle costs one attempt of the step', async () => {
    await killInside((_ctx, gate) => gate.pass(), `state = 'idle in transaction'`);
  });

  it('in the middle of a statement costs one attempt of the step', async () => {
    let first = true;
    await killInside((ctx) => {
      const wait = first ? 60 : 0;
      first = false;
      return ctx.manager.query('select pg_sleep($1)', [wait]);
    }, `state = 'active' and query like '%pg_sleep%'`);
  });
});

it('a server that takes no more connections is waited for', async () => {
  const plan = durable('refused')
    .step('one', () => 1)
    .waitForSignal('go', 'go')
    .step('two', () => 2);
  const { runner } = await bootAsRole(plan);
  const run = await runner.start('refused');
  await until(
    () => run.snapshot(),
    ({ awaitingSignal }) => awaitingSignal !== null,
  );
  await apps.sql(`alter role ${LOGIN} connection limit 0`);
  await kill(`usename = '${LOGIN}'`);
  await until(
    () => apps.log.lines,
    (lines) => lines.some((line) => line.includes('too many connections')),
  );
  expect(apps.log.lines.filter((line) => line.includes('too many connections'))).not.toEqual([]);
  await apps.sql(`alter role ${LOGIN} connection limit -1`);
  await run.signal('go');
  expect(await run.result(SOON)).toEqual({ one: 1, go: null, two: 2 });
});

it('what a role has for its statements does not reach those of the engine', async () => {
  for (const setting of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) {
    await apps.sql(`alter role ${LOGIN} set ${setting} = ${HURRY_MS}`);
  }
  const gate = new Gate();
  const plan = durable('hurried')
    .step('one', () => gate.pass())
    .step('two', () => 2);
  const { runner } = await bootAsRole(plan);
  const run = await runner.start('hurried');
  await gate.reached;
  await apps.withClient(async (client) => {
    await client.query('begin');
    await client.query('lock table durable.journal in exclusive mode');
    gate.open();
    const text = `select 1 from pg_stat_activity where usename = $1 and wait_event_type = 'Lock' and clock_timestamp() - query_start > make_interval(secs => $2)`;
    expect(
      await until(
        () => apps.sql(text, [LOGIN, (3 * HURRY_MS) / 1_000]),
        (rows) => rows.length > 0,
      ),
    ).toHaveLength(1);
    await client.query('commit');
  });
  await run.result(SOON);
  expect(await apps.sql('select attempt from durable.journal where run_id = $1', [run.id])).toEqual([
    { attempt: 1 },
    { attempt: 1 },
  ]);
  await apps.sql(`alter role ${LOGIN} reset all`);
});

it('a pool of two connections serves any number of runs, and the engine does not need it', async () => {
  const plan = durable('narrow').step('inside', effect, { transactional: true });
  const plain = durable('plain').step('one', () => 1);
  const app = await apps.boot({ workflows: [plan, plain], worker: { concurrency: 100 }, typeorm: { poolSize: 2 } });
  const holders = [app.dataSource.createQueryRunner(), app.dataSource.createQueryRunner()];
  for (const holder of holders) await holder.connect();

  const inside = await app.runner.startMany('narrow', Array(40).fill(null));
  await Promise.all((await app.runner.startMany('plain', Array(40).fill(null))).map((run) => run.result(SOON)));
  await app.engine.worker!.renew();
  for (const holder of holders) await holder.release();
  await Promise.all(inside.map((run) => run.result(SOON)));
  expect(await apps.sql('select count(*)::int as effects, count(distinct run_id)::int as runs from effect')).toEqual([
    { effects: 40, runs: 40 },
  ]);
});

it('progress does not depend on news that arrive', async () => {
  const notify = jest.spyOn(PostgresWakeupChannel.prototype, 'notify').mockImplementation(() => undefined);
  try {
    const plan = durable('deaf')
      .waitForSignal('go', 'go')
      .step('two', () => 2);
    await apps.boot({ workflows: [plan], worker: { pollInterval: 50 } });
    const { runner } = await apps.boot({ workflows: [plan], worker: false });
    const run = await runner.start('deaf');
    await until(
      () => run.snapshot(),
      ({ awaitingSignal }) => awaitingSignal !== null,
    );
    await run.signal('go', 1);
    expect(await run.result(SOON)).toEqual({ go: 1, two: 2 });
    expect(notify).toHaveBeenCalled();
  } finally {
    notify.mockRestore();
  }
});

// Covers: which runs a worker takes, in which order, how many, and when. Two workers at once: races.spec.ts.
import { durable, type DurableContext } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps, until } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

it('takes no more runs than it has slots, however many are due', async () => {
  const gate = new Gate();
  const plan = () => durable('slow').step('wait', () => gate.pass());
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const runs = await web.runner.startMany(
    'slow',
    Array.from({ length: 50 }, (_, n) => n),
  );

  const app = await apps.boot({ worker: { concurrency: 7 }, workflows: [plan()] });
  await until(
    () => gate.visits,
    (visits) => visits >= 7,
  );
  for (let n = 0; n < 20; n++) app.engine.worker!.wake();
  expect(await apps.sql(`select from durable.run where status = 'running'`)).toHaveLength(7);
  expect(gate.visits).toBe(7);
  gate.open();

  await Promise.all(runs.map((run) => app.runner.result(run.id, { timeout: '60s' })));
});

it('takes no more than its slots when runs are started here while it claims', async () => {
  let most = 0;
  let running = 0;
  const plan = () =>
    durable('busy').step('work', async () => {
      most = Math.max(most, ++running);
      await apps.sql('select 1');
      running--;
    });
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const app = await apps.boot({ worker: { concurrency: 4 }, workflows: [plan()] });

  const runs = await Promise.all(Array.from({ length: 200 }, (_, n) => (n % 2 ? web : app).runner.start('busy', n)));
  await Promise.all(runs.map((run) => app.runner.result(run.id, { timeout: '60s' })));

  expect(most).toBeLessThanOrEqual(4);
});

it('takes the highest priority first, and within one the run that is due longest', async () => {
  const clock = new VirtualClock();
  const order: string[] = [];
  const plan = () => durable('queue').step('work', (ctx: DurableContext<string>) => void order.push(ctx.input));
  const web = await apps.boot({ clock, worker: false, workflows: [plan()] });
  const start = (input: string, priority?: number): Promise<unknown> => web.runner.start('queue', input, { priority });
  await start('normal 1');
  clock.move(1);
  await start('normal 2');
  await start('low', -5);
  await start('lowest', -32_768);
  await start('highest', 32_767);
  clock.move(1);
  await start('normal 3');
  await start('high 1', 10);
  clock.move(1);
  await start('high 2', 10);

  const { testing } = await apps.bootVirtual({ clock, worker: { concurrency: 1 }, workflows: [plan()] });
  await testing.drain();

  expect(order).toEqual(['highest', 'high 1', 'high 2', 'normal 1', 'normal 2', 'normal 3', 'low', 'lowest']);
});

it('serves its own queue only', async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const plan = (where: string) => durable('work').step('do', () => void log.push(where));
  const mails = await apps.bootVirtual({ clock, queue: 'mails', workflows: [plan('mails')] });
  const run = await mails.runner.start('work', null, { queue: `it's "odd" $1` });
  const own = await mails.runner.start('work');
  await mails.testing.drain();
  expect(await run.snapshot()).toMatchObject({ status: 'pending', queue: `it's "odd" $1` });
  expect(await own.snapshot()).toMatchObject({ status: 'completed', queue: 'mails' });

  const odd = await apps.bootVirtual({ clock, queue: `it's "odd" $1`, workflows: [plan('odd')] });
  await odd.testing.drain();

  expect(log).toEqual(['mails', 'odd']);
});

it('leaves workflows and versions that it does not know to those that do, untouched', async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const plan = (name: string, version: number) =>
    durable(name, { version }).step('do', (ctx) => void log.push(`${ctx.workflow.name}@${ctx.workflow.version}`));
  const web = await apps.boot({ clock, worker: false, workflows: [plan('a', 1), plan('a', 2), plan('b', 1)] });
  const runs = [
    await web.runner.start('a', null, { version: 1 }),
    await web.runner.start('a'),
    await web.runner.start('b'),
  ];
  const old = await apps.bootVirtual({ clock, workflows: [plan('a', 1)] });
  await old.testing.advance('1d');
  expect(log).toEqual(['a@1']);
  expect(await runs[1].snapshot()).toMatchObject({ version: 2, status: 'pending', epoch: 0 });
  expect(await runs[2].snapshot()).toMatchObject({ status: 'pending', epoch: 0 });

  const current = await apps.bootVirtual({ clock, workflows: [plan('a', 2), plan('b', 1)] });
  await current.testing.drain();

  expect(log.sort()).toEqual(['a@1', 'a@2', 'b@1']);
});

it('executes versions of one name side by side, each run with its own', async () => {
  const plan = (version: number) => durable('a', { version }).step('which', () => version);
  const { runner } = await apps.boot({ workflows: [plan(1), plan(2), plan(3)] });

  expect(await runner.startAndWait('a', null, { version: 1 })).toEqual({ which: 1 });
  expect(await runner.startAndWait('a', null, { version: 2 })).toEqual({ which: 2 });
  expect(await runner.startAndWait('a')).toEqual({ which: 3 });
});

it('passes over a run whose row another transaction holds, and takes it later', async () => {
  const plan = () => durable('a').step('do', () => 1);
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const [locked, free] = await web.runner.startMany('a', [1, 2]);

  await apps.withClient(async (client) => {
    await client.query('begin');
    await client.query('select from durable.run where id = $1 for update', [locked.id]);
    await apps.boot({ workflows: [plan()] });
    await free.result({ timeout: '60s' });
    expect(await apps.runRow(locked.id)).toMatchObject({ status: 'pending', epoch: 0 });
    await client.query('rollback');
  });

  expect(await locked.result({ timeout: '60s' })).toEqual({ do: 1 });
});

it('takes a run that is due at a time at that time', async () => {
  const at: string[] = [];
  const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
  const plan = durable('a').step('do', () => void at.push(clock.now().toISOString()));
  const { runner, testing } = await apps.bootVirtual({ clock, workflows: [plan] });
  await runner.start('a', null, { startAt: new Date('2030-01-01T00:00:10.500Z') });
  await runner.start('a', null, { delay: '10s' });
  await runner.start('a', null, { delay: 0 });
  await runner.start('a', null, { startAt: new Date('2020-01-01T00:00:00Z') });

  await testing.advance('1m');

  expect(at).toEqual([
    '2030-01-01T00:00:00.000Z',
    '2030-01-01T00:00:00.000Z',
    '2030-01-01T00:00:10.000Z',
    '2030-01-01T00:00:10.500Z',
  ]);
});

it('takes what came due while no worker was there', async () => {
  const clock = new VirtualClock();
  const plan = () => durable('a').step('do', () => 1);
  const web = await apps.boot({ clock, worker: false, workflows: [plan()] });
  const run = await web.runner.start('a', null, { delay: '1h' });
  clock.move('30d');

  const { testing } = await apps.bootVirtual({ clock, workflows: [plan()] });
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'completed' });
});

it('is not held up by a start that waits for a transaction with the same idempotency key', async () => {
  const plan = durable('again').step(
    'fail',
    ({ attempt }) => {
      if (attempt < 5) throw new Error('once more');
    },
    { maxAttempts: 5, backoff: () => 0 },
  );
  const { runner, dataSource } = await apps.boot({ workflows: [plan] });
  // Others may wait for a moment too: a notification, the worker's heartbeat.
  const blocked = `
    select query_start::text from pg_stat_activity
     where datname = current_database() and wait_event = 'transactionid' and query like '%insert into "durable".run%'`;
  let starting!: ReturnType<typeof runner.start>;
  await dataSource.transaction(async (manager) => {
    const { id } = await runner.start('again', null, { idempotencyKey: 'once', manager });
    starting = runner.start('again', null, { idempotencyKey: 'once' });
    const before = await until(
      () => apps.sql(blocked),
      (rows) => rows.length === 1,
    );

    for (let n = 0; n < 10; n++) await (await runner.start('again')).result({ timeout: '60s' });

    // The very statement still waits: nothing was waiting for it to give up.
    expect(await apps.sql(blocked)).toEqual(before);
    expect(before).toHaveLength(1);
    void starting.then((run) => expect(run.id).toBe(id));
  });
  expect((await starting).created).toBe(false);
});

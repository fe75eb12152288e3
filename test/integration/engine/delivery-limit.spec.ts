// Covers: runs whose worker dies again and again. Workers that really die: test/crash.
import { durable } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps, until, type DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

/** What a crash while the run was held leaves behind. */
async function crashOf(run: string, deliveries: number, status = 'running'): Promise<void> {
  await apps.sql(
    `update durable.run set status = $3, epoch = epoch + 1, worker_id = gen_random_uuid(), due_at = null, deliveries = $2
      where id = $1`,
    [run, deliveries, status],
  );
}

async function parked(app: DurableApp): Promise<string> {
  return (await app.runner.start('poison', null, { delay: '1d' })).id;
}

it('fails a run for good after five deliveries without progress, without executing anything of it', async () => {
  const calls: string[] = [];
  const plan = durable('poison').step('boom', (ctx) => void calls.push(ctx.runId));
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const [fifth, sixth] = [await parked(app), await parked(app)];
  await crashOf(fifth, 4);
  await crashOf(sixth, 5);

  expect(await runner.recover()).toBe(2);
  await testing.drain();

  expect(calls).toEqual([fifth]);
  expect(await runner.find(fifth)).toMatchObject({ status: 'completed' });
  expect(await runner.find(sixth)).toMatchObject({
    status: 'failed',
    error: { name: 'DeliveryLimitError', code: 'DURABLE_DELIVERY_LIMIT', message: expect.stringContaining('5') },
  });
});

it('is the maxAttempts of the module', async () => {
  let calls = 0;
  const { app, runner, testing } = await apps.bootVirtual({
    maxAttempts: 1,
    workflows: [durable('poison').step('boom', () => ++calls)],
  });
  const run = await parked(app);
  await crashOf(run, 1);

  await runner.recover();
  await testing.drain();

  expect(await runner.find(run)).toMatchObject({ status: 'failed', error: { name: 'DeliveryLimitError' } });
  expect(calls).toBe(0);
});

it('counts from the last progress: a run that gets one step further each time goes on', async () => {
  const clock = new VirtualClock();
  const gates = Array.from({ length: 9 }, () => new Gate());
  const plan = () => gates.reduce((built, gate, n) => built.step(`s${n}`, () => gate.pass()), durable('poison'));
  const first = await apps.boot({ clock, maxAttempts: 2, workflows: [plan()] });
  const run = await first.runner.start('poison');
  let holder = first;
  for (const gate of gates.slice(0, -1)) {
    await gate.reached;
    gate.open();
    const next = await apps.boot({ clock, maxAttempts: 2, workflows: [plan()] });
    const nextGate = gates[gates.indexOf(gate) + 1];
    await nextGate.reached;
    await apps.declareDead(holder.workerId);
    await next.runner.recover();
    holder = next;
  }
  gates.at(-1)!.open();

  expect(await holder.runner.result(run.id, { timeout: '60s' })).toMatchObject({ s8: null });
});

it('begins runs one at a time in their last deliveries, each alone for the longer the fewer are left', async () => {
  const gate = new Gate();
  const plan = durable('poison').step('stand', () => gate.pass());
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const runs = [await parked(app), await parked(app), await parked(app), await parked(app)];
  // The second of five goes to all at once, the third waits for 10 s / 4², the last for all of the ten seconds.
  const deliveriesBefore = [1, 1, 2, 4];
  for (const [n, run] of runs.entries()) await crashOf(run, deliveriesBefore[n]);

  await runner.recover();
  await testing.advance(0);
  expect(gate.visits).toBe(3);
  await testing.advance(600);
  expect(gate.visits).toBe(3);
  await testing.advance(50);
  expect(gate.visits).toBe(4);

  const late = await parked(app);
  await crashOf(late, 2);
  await runner.recover();
  await testing.advance(9_900);
  expect(gate.visits).toBe(4);
  await testing.advance(100);
  expect(gate.visits).toBe(5);
  gate.open();
  await testing.drain();
});

it('begins nothing beside a run at its last delivery, until it makes progress or for a while', async () => {
  const begun: string[] = [];
  const gates = new Map<string, Gate>();
  const plan = durable('poison')
    .step('first', (ctx) => {
      begun.push(ctx.runId);
      return gates.get(ctx.runId)?.pass();
    })
    .step('second', (ctx) => gates.get(ctx.runId)?.pass());
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const [quick, slow, other] = [await parked(app), await parked(app), await parked(app)];
  gates.set(quick, new Gate()).set(slow, new Gate());
  for (const [run, deliveries] of [[quick, 4] as const, [other, 1] as const]) await crashOf(run, deliveries);

  await runner.recover();
  await testing.advance(0);
  const started = await runner.start('poison');
  await testing.advance(0);
  expect(begun).toEqual([quick]);
  gates.get(quick)!.open();
  await testing.drain();
  expect(new Set(begun)).toEqual(new Set([quick, other, started.id]));

  await crashOf(slow, 4);
  await runner.recover();
  await testing.advance(0);
  const late = await runner.start('poison');
  await testing.advance(2_400);
  expect(begun.slice(3)).toEqual([slow]);
  await testing.advance(100);
  expect(begun.slice(3)).toEqual([slow, late.id]);
  gates.get(slow)!.open();
  await testing.drain();
});

it('begins nothing beside a run that has just made progress in its last delivery: its next step may kill the worker', async () => {
  const begun: string[] = [];
  const gate = new Gate();
  const plan = durable('poison')
    .step('first', (ctx) => void begun.push(ctx.runId))
    .step('second', (ctx) => (ctx.runId === last ? gate.pass() : null));
  const { app, runner, testing } = await apps.bootVirtual({ maxAttempts: 2, workflows: [plan] });
  const [last, other] = [await parked(app), await parked(app)];
  await crashOf(last, 1);
  await runner.recover();
  await testing.advance(0);
  await gate.reached;
  await crashOf(other, 1);
  await runner.recover();

  await testing.advance(200);
  expect(begun).toEqual([last]);
  await testing.advance(50);
  expect(begun).toEqual([last, other]);
  gate.open();
  await testing.drain();
});

it('begins no run beside one at its last delivery that was on its way in before', async () => {
  const begun: string[] = [];
  const gate = new Gate();
  const plan = durable('poison').step('first', (ctx) => {
    begun.push(ctx.runId);
    return begun.length === 1 ? gate.pass() : null;
  });
  const { app, runner, testing } = await apps.bootVirtual({ maxAttempts: 3, workflows: [plan] });
  const last = await parked(app);
  const options = { idempotencyKey: 'once' };
  let starting!: ReturnType<typeof runner.start>;
  const other = app.dataSource.transaction(async (manager) => {
    await runner.start('poison', null, { ...options, manager });
    // Waits for the end of this transaction, with a slot reserved.
    starting = runner.start('poison', null, options);
    await until(
      () =>
        apps.sql(
          `select from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`,
        ),
      (waiting) => waiting.length > 0,
    );
    await crashOf(last, 2);
    await runner.recover();
    await testing.advance(0);
    expect(begun).toEqual([last]);
    throw new Error('not after all');
  });
  await expect(other).rejects.toThrow('not after all');

  const started = await starting;
  await testing.advance(2_400);
  expect(begun).toEqual([last]);
  expect(await apps.runRow(started.id)).toMatchObject({ status: 'pending', worker_id: null, deliveries: 0 });
  await testing.advance(100);
  expect(begun).toEqual([last, started.id]);
  gate.open();
  await testing.drain();
});

it('does not count workers that stop in order', async () => {
  const clock = new VirtualClock();
  const { app, testing } = await apps.bootVirtual({
    clock,
    maxAttempts: 1,
    workflows: [durable('poison').step('a', () => 1)],
  });
  const run = await parked(app);
  for (let n = 0; n < 3; n++) {
    const worker = '00000000-0000-7000-8000-000000000001';
    await apps.sql(
      `update durable.run set status = 'running', epoch = epoch + 1, worker_id = $2, due_at = null, deliveries = 1 where id = $1`,
      [run, worker],
    );
    await app.engine['parts'].storage.workers.unregister(worker);
  }
  await testing.drain();

  expect(await app.runner.find(run)).toMatchObject({ status: 'completed' });
});

it('ends a run that kills its workers while it is undone as compensation_failed, and a retry gives it new deliveries', async () => {
  const undone: string[] = [];
  const plan = durable('poison')
    .step('a', () => 1, { compensate: () => void undone.push('a') })
    .step(
      'b',
      () => {
        throw new Error('first');
      },
      { maxAttempts: 1 },
    );
  const gate = new Gate();
  const held = durable('held')
    .step('a', () => 1, { compensate: () => gate.pass() })
    .step(
      'b',
      () => {
        throw new Error('first');
      },
      { maxAttempts: 1 },
    );
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan, held] });
  const run = await runner.start('held');
  await gate.reached;
  await crashOf(run.id, 5, 'compensating');

  await runner.recover();
  await testing.advance(0);
  expect(await run.snapshot()).toMatchObject({
    status: 'compensation_failed',
    error: { name: 'DeliveryLimitError', cause: { message: 'first', step: 'b' } },
  });
  gate.open();
  expect(await runner.retry(run.id)).toEqual({ accepted: true, status: 'compensating' });
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'first', step: 'b' } });
});

it('lets a failed poison run go on after a retry', async () => {
  const { app, runner, testing } = await apps.bootVirtual({
    workflows: [durable('poison').step('a', () => 'fine now')],
  });
  const run = await parked(app);
  await crashOf(run, 5);
  await runner.recover();
  await testing.drain();
  expect(await runner.find(run)).toMatchObject({ status: 'failed' });

  await runner.retry(run);
  await testing.drain();

  expect(await runner.find(run)).toMatchObject({ status: 'completed', result: { a: 'fine now' } });
});

// Covers: orders and endings that meet at one instant, many times over: each has one outcome, and nothing deadlocks.
// What each of them does by itself: cancel.spec.ts, retry-run.spec.ts. Several processes and crashes: test/crash.
import { durable } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();
const ROUNDS = 200;

it('cancel against completion: accepted is canceled, refused is completed, and nothing else', async () => {
  const undone = new Set<string>();
  const plan = durable('short')
    .step('one', () => 1, { compensate: (ctx) => void undone.add(ctx.runId) })
    .step('two', () => 2);
  const { runner } = await apps.boot({ workflows: [plan] });

  const outcomes = await Promise.all(
    Array.from({ length: ROUNDS }, async (_, n) => {
      const run = await runner.start('short', n);
      // Some at once, some a few turns of the event loop later, when the run is on its way or over.
      for (let turn = 0; turn < n % 12; turn++) await new Promise((resolve) => setImmediate(resolve));
      const { accepted } = await run.cancel();
      const completed = await run.result({ timeout: '60s' }).then(
        () => true,
        () => false,
      );
      return { id: run.id, accepted, completed };
    }),
  );

  expect(outcomes.filter(({ accepted, completed }) => accepted === completed)).toEqual([]);
  for (const { id, accepted } of outcomes) {
    const keys = await apps.journalKeys(id);
    expect(keys.includes('undo:one')).toBe(accepted && keys.includes('one'));
    expect(undone.has(id)).toBe(keys.includes('undo:one'));
  }
  expect(await apps.sql('select status, count(*)::int from durable.run group by 1 order by 1')).toEqual(
    ['canceled', 'completed']
      .map((status) => ({
        status,
        count: outcomes.filter(({ accepted }) => accepted === (status === 'canceled')).length,
      }))
      .filter(({ count }) => count > 0),
  );
});

it('cancel against failure, and against the compensation that follows', async () => {
  const plan = durable('short')
    .step('one', () => 1, { compensate: () => undefined })
    .step(
      'two',
      () => {
        throw new Error('no');
      },
      { maxAttempts: 1 },
    );
  const { runner } = await apps.boot({ workflows: [plan] });

  const outcomes = await Promise.all(
    Array.from({ length: ROUNDS }, async (_, n) => {
      const run = await runner.start('short', n);
      for (let turn = 0; turn < n % 12; turn++) await new Promise((resolve) => setImmediate(resolve));
      const { accepted } = await run.cancel();
      await run.result({ timeout: '60s' }).catch(() => undefined);
      const { status } = await run.snapshot();
      return { accepted, status };
    }),
  );

  expect(outcomes.filter(({ accepted, status }) => status !== (accepted ? 'canceled' : 'failed'))).toEqual([]);
});

it('many cancels of one run, from two processes: all are answered alike', async () => {
  const plan = () =>
    durable('long').step(
      'one',
      (ctx) => new Promise((resolve) => ctx.abortSignal.addEventListener('abort', resolve)).then(() => 1),
      { compensate: () => undefined },
    );
  const worker = await apps.boot({ workflows: [plan()] });
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const run = await worker.runner.start('long');

  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => (n % 2 ? worker : web).runner.cancel(run.id, `reason ${n}`)),
  );
  await expect(run.result({ timeout: '60s' })).rejects.toThrow('was canceled');

  expect(answers.filter(({ accepted }) => !accepted).every(({ status }) => status === 'canceled')).toBe(true);
  expect(answers.some(({ accepted }) => accepted)).toBe(true);
  expect(await apps.journalKeys(run.id)).toEqual(['one', 'undo:one']);
});

it('many retries of one run: one is accepted, and it runs once', async () => {
  let broken = true;
  let calls = 0;
  const plan = durable('short').step(
    'one',
    () => {
      calls++;
      if (broken) throw new Error('no');
    },
    { maxAttempts: 1 },
  );
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('short');
  await run.result().catch(() => undefined);
  broken = false;

  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => runner.retry(run.id)));
  await run.result({ timeout: '60s' });

  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(calls).toBe(2);
});

it('two workers that compete for many runs execute each step once', async () => {
  const executed: string[] = [];
  const plan = () =>
    durable('short')
      .step('one', (ctx) => void executed.push(ctx.runId))
      .step('two', () => 2);
  const first = await apps.boot({ worker: { concurrency: 7 }, workflows: [plan()] });
  await apps.boot({ worker: { concurrency: 5 }, workflows: [plan()] });
  const web = await apps.boot({ worker: false, workflows: [plan()] });

  const runs = await web.runner.startMany(
    'short',
    Array.from({ length: ROUNDS }, (_, n) => n),
  );
  await Promise.all(runs.map((run) => first.runner.result(run.id, { timeout: '60s' })));

  expect(executed).toHaveLength(ROUNDS);
  expect(new Set(executed).size).toBe(ROUNDS);
  expect(
    await apps.sql('select max(epoch)::int as epoch, max(deliveries)::int as deliveries from durable.run'),
  ).toEqual([{ epoch: 1, deliveries: 0 }]);
});

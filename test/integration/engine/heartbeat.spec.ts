// Covers: ctx.heartbeat and ctx.progress. What a heartbeat learns of a lost lease: fencing.spec.ts; of a cancel: cancel.spec.ts.
import { durable, type DurableContext } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

it('stores progress that the next attempt finds, and that is gone for other steps and runs', async () => {
  const seen: unknown[] = [];
  const plan = durable('import')
    .step(
      'rows',
      async (ctx) => {
        seen.push(ctx.progress);
        await ctx.heartbeat({ row: ctx.attempt * 10 });
        seen.push(ctx.progress);
        if (ctx.attempt < 3) throw new Error('cut off');
      },
      { backoff: () => 1 },
    )
    .step('next', (ctx) => void seen.push(ctx.progress));
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  await runner.start('import');
  for (let attempt = 1; attempt <= 3; attempt++) {
    await testing.drain();
    await testing.advance('20s');
  }

  expect(seen).toEqual([undefined, { row: 10 }, { row: 10 }, { row: 20 }, { row: 20 }, { row: 30 }, undefined]);
});

it('outlives the process that stored it', async () => {
  const clock = new VirtualClock();
  const seen: unknown[] = [];
  const plan = () =>
    durable('import').step(
      'rows',
      async (ctx) => {
        seen.push(ctx.progress);
        if (ctx.attempt > 1) return 'done';
        await ctx.heartbeat({ row: 7 });
        throw new Error('cut off');
      },
      { backoff: () => 60 },
    );
  const first = await apps.bootVirtual({ clock, workflows: [plan()] });
  const run = await first.runner.start('import');
  await first.testing.drain();
  await first.app.close();

  const second = await apps.bootVirtual({ clock, workflows: [plan()] });
  await second.testing.advance('1m');

  expect(seen).toEqual([undefined, { row: 7 }]);
  expect(await second.runner.find(run.id)).toMatchObject({ status: 'completed' });
});

it('is in the database when the promise resolves', async () => {
  const gate = new Gate();
  const plan = durable('import').step('rows', async (ctx) => {
    await ctx.heartbeat(['a', 1]);
    await gate.pass();
  });
  const { runner } = await apps.boot({ workflows: [plan] });

  const run = await runner.start('import');
  await gate.reached;
  const rows = await apps.sql('select key, value from durable.progress where run_id = $1', [run.id]);
  gate.open();
  await run.result();

  expect(rows).toEqual([{ key: 'rows', value: ['a', 1] }]);
});

it('without progress keeps what was stored before', async () => {
  const seen: unknown[] = [];
  const plan = durable('import').step('rows', async (ctx) => {
    await ctx.heartbeat({ row: 1 });
    await ctx.heartbeat();
    seen.push(ctx.progress);
  });
  const { runner } = await apps.boot({ workflows: [plan] });

  const run = await runner.start('import');
  await run.result();

  expect(seen).toEqual([{ row: 1 }]);
  expect(await apps.sql('select value from durable.progress where run_id = $1', [run.id])).toEqual([
    { value: { row: 1 } },
  ]);
});

it('called many times at once ends with the last, in order', async () => {
  const plan = durable('import').step('rows', async (ctx: DurableContext) => {
    await Promise.all(Array.from({ length: 50 }, (_, row) => ctx.heartbeat({ row })));
    return ctx.progress;
  });
  const { runner } = await apps.boot({ workflows: [plan] });

  expect(await runner.startAndWait('import')).toEqual({ rows: { row: 49 } });
  expect(await apps.sql('select value from durable.progress')).toEqual([{ value: { row: 49 } }]);
});

it.each<[string, unknown, string]>([
  ['a class instance', { at: new Date(0) }, '$.at is a Date'],
  ['2 MiB', 'x'.repeat(2 * 1024 * 1024), '$ takes'],
  ['\\u0000', { a: '\u0000' }, '$.a'],
])('rejects with %s, stores nothing, and the step goes on if it catches that', async (_, value, told) => {
  const caught: Error[] = [];
  const plan = durable('import').step('rows', async (ctx) => {
    await ctx.heartbeat({ row: 1 });
    await ctx.heartbeat(value).catch((error: unknown) => caught.push(error as Error));
    return ctx.progress;
  });
  const { runner } = await apps.boot({ workflows: [plan] });

  expect(await runner.startAndWait('import')).toEqual({ rows: { row: 1 } });
  expect(caught[0].message).toContain(`progress of "rows" of workflow "import": ${told}`);
});

it('gives every reader a copy of its own', async () => {
  const plan = durable('import').step('rows', async (ctx) => {
    await ctx.heartbeat({ rows: [1] });
    (ctx.progress as { rows: number[] }).rows.push(2);
    return ctx.progress;
  });
  const { runner } = await apps.boot({ workflows: [plan] });

  expect(await runner.startAndWait('import')).toEqual({ rows: { rows: [1] } });
});

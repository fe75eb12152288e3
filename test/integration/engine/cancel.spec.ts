// Covers: cancel of a run that has not begun or executes, what it undoes, and the signal that the running step sees.
// Of one that waits: cancel-waiting.spec.ts; refused: cancel-refused.spec.ts; against other transitions at one instant:
// races.spec.ts. Children: children.spec.ts.
import { durable, type DurableContext } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps, until } from '../../support/durable-app.js';
import { aborted, Gate } from '../../support/gate.js';

const apps = new DurableApps();

/** Books (and unbooks), then waits at the gate, then pays. */
function trip(gate: Gate, log: string[]) {
  return durable('trip')
    .step('book', () => log.push('book'), { compensate: () => void log.push('unbook') })
    .step(
      'wait',
      async (ctx: DurableContext) => {
        log.push('wait');
        void aborted(ctx.abortSignal).then((reason) => log.push(`aborted: ${(reason as Error).name}`));
        await gate.pass();
        return 'waited';
      },
      { compensate: () => void log.push('unwait') },
    )
    .step('pay', () => log.push('pay'));
}

it('ends a run that no worker has taken at once, and nothing of it is ever executed', async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const web = await apps.boot({ clock, worker: false, workflows: [trip(new Gate(), log)] });
  const run = await web.runner.start('trip');

  expect(await run.cancel('changed my mind')).toEqual({ accepted: true, status: 'canceled' });
  const { testing } = await apps.bootVirtual({ clock, workflows: [trip(new Gate(), log)] });
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({
    status: 'canceled',
    cancelReason: 'changed my mind',
    finishedAt: expect.any(Date),
    startedAt: null,
    error: null,
  });
  expect(log).toEqual([]);
  await expect(run.result()).rejects.toThrow(`Run ${run.id} of workflow "trip" was canceled: changed my mind.`);
});

it('ends a delayed run at once', async () => {
  const { runner, testing } = await apps.bootVirtual({ workflows: [trip(new Gate(), [])] });
  const run = await runner.start('trip', null, { delay: '3d' });

  expect(await runner.cancel(run.id)).toEqual({ accepted: true, status: 'canceled' });
  await testing.advance('4d');

  expect(await run.snapshot()).toMatchObject({ status: 'canceled', cancelReason: null, wakeAt: null });
});

it('aborts the signal of the running step, waits for what that does, and undoes it with the rest', async () => {
  const log: string[] = [];
  const gate = new Gate();
  const { runner } = await apps.boot({ workflows: [trip(gate, log)] });
  const run = await runner.start('trip');
  await gate.reached;

  expect(await run.cancel()).toEqual({ accepted: true, status: 'running' });
  await until(
    () => log,
    (lines) => lines.includes('aborted: RunCanceledError'),
  );
  expect(await apps.runRow(run.id)).toMatchObject({ status: 'running' });
  gate.open();
  await expect(run.result()).rejects.toThrow('was canceled');

  expect(log).toEqual(['book', 'wait', 'aborted: RunCanceledError', 'unwait', 'unbook']);
  const snapshot = await run.snapshot();
  expect(snapshot).toMatchObject({ status: 'canceled', error: null });
  expect(snapshot.results).toMatchObject({ wait: 'waited' });
});

it('does not repeat a step that throws because it was aborted', async () => {
  const log: string[] = [];
  const plan = durable('trip')
    .step('book', () => 1, { compensate: () => void log.push('unbook') })
    .step('call', async (ctx) => {
      log.push(`attempt ${ctx.attempt}`);
      gate.open();
      throw await aborted(ctx.abortSignal);
    });
  const gate = new Gate();
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('trip');
  await gate.pass();

  await run.cancel('enough');
  await expect(run.result()).rejects.toThrow('was canceled');

  expect(log).toEqual(['attempt 1', 'unbook']);
  const [failed] = (await runner.journal(run.id)).filter(({ kind }) => kind === 'attempt');
  expect(failed).toMatchObject({
    key: 'call',
    error: { name: 'RunCanceledError', message: expect.stringContaining('enough') },
  });
});

it('reaches a step in another process at once', async () => {
  const log: string[] = [];
  const gate = new Gate();
  const plan = () =>
    durable('trip').step('call', async (ctx) => {
      gate.open();
      log.push(((await aborted(ctx.abortSignal)) as Error).message);
    });
  await apps.boot({ workflows: [plan()] });
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const run = await web.runner.start('trip');
  await gate.pass();

  await run.cancel('from afar');
  await expect(run.result({ timeout: '60s' })).rejects.toThrow('was canceled');

  expect(log).toEqual([expect.stringContaining('from afar')]);
});

it('reaches a step whose worker heard no notification at its next heartbeat', async () => {
  const gate = new Gate();
  const beat = new Gate();
  const caught: unknown[] = [];
  const plan = durable('trip').step('call', async (ctx) => {
    await gate.pass();
    await ctx.heartbeat();
    await ctx.heartbeat().catch((error: unknown) => caught.push(error));
    beat.open();
  });
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('trip');
  await gate.reached;

  await apps.sql(
    `update durable.run set cancel = '{"reason":"by hand","compensate":true}', wakeups = wakeups + 1 where id = $1`,
    [run.id],
  );
  gate.open();
  await beat.pass();
  await expect(run.result()).rejects.toThrow('was canceled');

  expect(caught).toEqual([expect.objectContaining({ name: 'RunCanceledError', reason: 'by hand' })]);
});

it('between two steps lets nothing further begin', async () => {
  const log: string[] = [];
  const first = new Gate();
  const plan = durable('trip')
    .step(
      'one',
      async (ctx) => {
        await first.pass();
        await runner.cancel(ctx.runId);
        return 1;
      },
      { compensate: () => void log.push('undo one') },
    )
    .step('two', () => log.push('two'));
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('trip');
  first.open();

  await expect(run.result()).rejects.toThrow('was canceled');

  expect(log).toEqual(['undo one']);
});

it('in the last step wins over completion', async () => {
  const plan = durable('trip').step('only', async (ctx) => {
    await runner.cancel(ctx.runId);
    return 1;
  });
  const { runner } = await apps.boot({ workflows: [plan] });

  const run = await runner.start('trip');
  await expect(run.result()).rejects.toThrow('was canceled');

  expect(await run.snapshot()).toMatchObject({ status: 'canceled', results: { only: 1 }, result: null });
});

it('in a transactional step: what it committed is undone', async () => {
  const log: string[] = [];
  const plan = durable('trip').step(
    'only',
    async (ctx) => {
      await ctx.manager.query('select 1');
      await runner.cancel(ctx.runId);
      return 1;
    },
    { transactional: true, compensate: () => void log.push('undone') },
  );
  const { runner } = await apps.boot({ workflows: [plan] });

  const run = await runner.start('trip');
  await expect(run.result()).rejects.toThrow('was canceled');

  expect(log).toEqual(['undone']);
  expect(await apps.journalKeys(run.id)).toEqual(['only', 'undo:only']);
});

it('asked for twice is accepted twice and happens once, for the first reason', async () => {
  const log: string[] = [];
  const gate = new Gate();
  const { runner } = await apps.boot({ workflows: [trip(gate, log)] });
  const run = await runner.start('trip');
  await gate.reached;

  expect(await run.cancel('first')).toEqual({ accepted: true, status: 'running' });
  expect(await run.cancel('second', { compensate: false })).toEqual({ accepted: true, status: 'running' });
  gate.open();
  await expect(run.result()).rejects.toThrow('was canceled');

  expect(await run.snapshot()).toMatchObject({ cancelReason: 'first' });
  expect(log.filter((line) => line.startsWith('un'))).toEqual(['unwait', 'unbook']);
});

it('with compensate: false undoes nothing', async () => {
  const log: string[] = [];
  const gate = new Gate();
  const { runner, testing } = await apps.bootVirtual({
    workflows: [
      trip(gate, log),
      durable('waits')
        .step('a', () => 1, { compensate: () => void log.push('never') })
        .step('b', () => {
          throw new Error('x');
        }),
    ],
  });
  const held = await runner.start('trip');
  const parked = await runner.start('waits');
  await gate.reached;
  await testing.advance(0);

  await held.cancel('stop', { compensate: false });
  await parked.cancel('stop', { compensate: false });
  await until(
    () => log,
    (lines) => lines.includes('aborted: RunCanceledError'),
  );
  gate.open();
  await testing.drain();

  expect(await held.snapshot()).toMatchObject({ status: 'canceled' });
  expect(await parked.snapshot()).toMatchObject({ status: 'canceled' });
  expect(log).toEqual(['book', 'wait', 'aborted: RunCanceledError']);
});

it('whose undo fails ends as compensation_failed, and as canceled after a retry', async () => {
  const state = { broken: true };
  const gate = new Gate();
  const plan = durable('trip')
    .step('book', () => 1, {
      compensate: () => {
        if (state.broken) throw new Error('airline down', { cause: new Error('strike') });
      },
    })
    .step('wait', () => gate.pass());
  const { runner, testing } = await apps.bootVirtual({ retry: { maxAttempts: 1 }, workflows: [plan] });
  const run = await runner.start('trip');
  await gate.reached;
  await run.cancel('enough');
  gate.open();
  await testing.drain();
  expect(await run.snapshot()).toMatchObject({ status: 'compensation_failed', error: { message: 'airline down' } });

  state.broken = false;
  await runner.retry(run.id);
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'canceled', error: null, cancelReason: 'enough' });
});

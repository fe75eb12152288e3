// Covers: cancel in every state that a run can be in, what it undoes, and the signal that the running step sees.
// Cancel against other transitions at one instant: races.spec.ts. Children: children.spec.ts.
import { durable, RunNotFoundError, type DurableContext, type DurableWorkflow } from '../../../lib/index.js';
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

it('wakes a run that waits for its next attempt, and undoes what it had done', async () => {
  const log: string[] = [];
  const plan = durable('trip')
    .step('book', () => 1, { compensate: () => void log.push('unbook') })
    .step(
      'call',
      () => {
        log.push('call');
        throw new Error('no');
      },
      { backoff: () => 86_400 },
    );
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('trip');
  await testing.drain();

  expect(await run.cancel()).toEqual({ accepted: true, status: 'suspended' });
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'canceled', error: null });
  expect(log).toEqual(['call', 'unbook']);
});

type Heard = (ctx: DurableContext) => Promise<unknown>;
it.each<[string, (plan: DurableWorkflow, heard: Heard) => DurableWorkflow]>([
  ['a suspended step', (plan, heard) => plan.step('park', (ctx) => heard(ctx).then(() => ({ status: 'suspended' })))],
  ['a sleep', (plan, heard) => plan.sleep('park', (ctx) => heard(ctx).then(() => '9d'))],
  ['a signal', (plan, heard) => plan.waitForSignal('park', (ctx) => heard(ctx).then(() => 'go'))],
  ['a child', (plan, heard) => plan.childWorkflow('park', 'child', (ctx) => heard(ctx).then(() => null))],
  [
    'a transactional suspended step',
    (plan, heard) =>
      plan.step('park', (ctx) => heard(ctx).then(() => ({ status: 'suspended' })), { transactional: true }),
  ],
])('heard while a run is about to wait for %s is not slept over', async (_, node) => {
  const log: string[] = [];
  const gate = new Gate();
  const heard: Heard = (ctx) => {
    gate.open();
    return aborted(ctx.abortSignal);
  };
  const plan = node(
    durable('trip').step('book', () => 1, { compensate: () => void log.push('unbook') }),
    heard,
  );
  const { runner } = await apps.boot({ workflows: [plan, durable('child').step('a', () => void log.push('child'))] });
  const run = await runner.start('trip');
  await gate.pass();

  await run.cancel();
  await expect(run.result({ timeout: '60s' })).rejects.toThrow('was canceled');

  expect(log).toEqual(['unbook']);
  expect([...(await runner.list({ workflow: 'child' }))]).toEqual([]);
});

it.each<[string, (plan: DurableWorkflow) => DurableWorkflow]>([
  ['a suspended step', (plan) => plan.step('park', () => ({ status: 'suspended' }))],
  ['a sleep', (plan) => plan.sleep('park', '9d')],
  ['a signal', (plan) => plan.waitForSignal('park', 'go')],
])('wakes a run that waits for %s', async (_, node) => {
  const log: string[] = [];
  const plan = node(durable('trip').step('book', () => 1, { compensate: () => void log.push('unbook') }));
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('trip');
  await testing.drain();

  expect(await run.cancel()).toEqual({ accepted: true, status: 'suspended' });
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'canceled', wakeAt: null, awaitingSignal: null });
  expect(log).toEqual(['unbook']);
});

it('of a run that is undoing its work after a failure is not accepted: it ends as failed', async () => {
  const gate = new Gate();
  const plan = durable('trip')
    .step('book', () => 1, { compensate: () => gate.pass() })
    .step(
      'pay',
      () => {
        throw new Error('no');
      },
      { maxAttempts: 1 },
    );
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('trip');
  await gate.reached;

  expect(await run.cancel()).toEqual({ accepted: false, status: 'compensating' });
  gate.open();

  await expect(run.result()).rejects.toThrow('failed at step "pay"');
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

it.each(['completed', 'failed', 'canceled', 'compensation_failed'])(
  'of a run that is %s is not accepted',
  async (status) => {
    const { runner } = await apps.boot({ workflows: [durable('trip').step('a', () => 1)] });
    const run = await runner.start('trip');
    await run.result();
    await apps.sql('update durable.run set status = $2 where id = $1', [run.id, status]);

    expect(await run.cancel()).toEqual({ accepted: false, status });
    expect(await apps.runRow(run.id)).toMatchObject({ status, cancel: null });
  },
);

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

it('survives the process that was to carry it out', async () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const plan = () =>
    durable('trip')
      .step('book', () => 1, { compensate: () => void log.push('unbook') })
      .step(
        'call',
        () => {
          throw new Error('no');
        },
        { backoff: () => 86_400 },
      );
  const first = await apps.bootVirtual({ clock, workflows: [plan()] });
  const run = await first.runner.start('trip');
  await first.testing.drain();
  await first.app.close();
  const web = await apps.boot({ clock, worker: false, workflows: [plan()] });
  await web.runner.cancel(run.id, 'while nobody was there');

  const second = await apps.bootVirtual({ clock, workflows: [plan()] });
  await second.testing.drain();

  expect(await second.runner.find(run.id)).toMatchObject({ status: 'canceled' });
  expect(log).toEqual(['unbook']);
});

it('of a run that does not exist is a RunNotFoundError', async () => {
  const { runner } = await apps.boot();

  await expect(runner.cancel('01900000-0000-7000-8000-000000000000')).rejects.toBeInstanceOf(RunNotFoundError);
  await expect(runner.cancel(`x'; drop table run`)).rejects.toBeInstanceOf(RunNotFoundError);
});

it.each([
  ['\\u0000', 'a\u0000b'],
  ['10 kB', 'x'.repeat(10_240)],
  ['a number', 42],
  ['an object', { toString: () => 'x' }],
])('refuses a reason that is %s with a typed error, and the run goes on', async (_, reason) => {
  const gate = new Gate();
  const { runner } = await apps.boot({ workflows: [durable('trip').step('wait', () => gate.pass())] });
  const run = await runner.start('trip');

  await expect(run.cancel(reason as string)).rejects.toMatchObject({ code: 'DURABLE_INVALID_OPTION' });
  gate.open();

  expect(await run.result()).toEqual({ wait: null });
});

// Covers: cancel of a run that nobody executes at the time: it waits, is about to, or its worker is gone.
// Of one that executes: cancel.spec.ts.
import { durable, type DurableContext, type DurableWorkflow } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { aborted, Gate } from '../../support/gate.js';

const apps = new DurableApps();

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

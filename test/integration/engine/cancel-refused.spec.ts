// Covers: what a cancel says that cannot be, and that the run then goes on as if nobody had asked.
import { durable, RunNotFoundError } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

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

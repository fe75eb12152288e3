// Covers: waiting for results, in the process of the run and in others. At a shutdown: shutdown.spec.ts of the module.
// The waiter by itself: test/unit/runner.
import { durable, ResultTimeoutError, RunFailedError } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();
const boom = (): never => {
  throw new TypeError('boom');
};

it('resolves with the results of all nodes by name, for many waiters alike, each with a copy of its own', async () => {
  const gate = new Gate();
  const plan = durable('work')
    .step('one', () => gate.pass().then(() => ({ n: [1] })))
    .step('two', () => 'x');
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('work');
  const waiting = Array.from({ length: 20 }, () => run.result());
  gate.open();

  const results = await Promise.all(waiting);
  results[0].one.n.push(2);

  expect(results.slice(1)).toEqual(Array.from({ length: 19 }, () => ({ one: { n: [1] }, two: 'x' })));
});

it('resolves at once for a run that ended before, and in a process that never knew it', async () => {
  const worker = await apps.boot({ workflows: [durable('work').step('one', () => 1)] });
  const run = await worker.runner.start('work');
  await run.result();

  expect(await worker.runner.result(run.id)).toEqual({ one: 1 });
  const stranger = await apps.boot({ worker: false });
  expect(await stranger.runner.result(run.id)).toEqual({ one: 1 });
});

it('rejects with the reason for which a run was canceled, in its process and in any other', async () => {
  const plan = durable('work').waitForSignal('one', 'never');
  const worker = await apps.boot({ workflows: [plan] });
  const run = await worker.runner.start('work');
  const told = `Run ${run.id} of workflow "work" was canceled: sold out.`;
  const waiting = run.result();
  const rejected = expect(waiting).rejects.toThrow(told);
  await run.cancel('sold out');

  await rejected;
  const stranger = await apps.boot({ worker: false });
  await expect(stranger.runner.result(run.id)).rejects.toThrow(told);
});

it('resolves in another process when the run ends, by a notification', async () => {
  const gate = new Gate();
  const plan = (): ReturnType<typeof durable> => durable('work').step('one', () => gate.pass());
  await apps.boot({ workflows: [plan()] });
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const run = await web.runner.start('work');
  const result = run.result({ timeout: '60s' });
  await gate.reached;
  gate.open();

  expect(await result).toEqual({ one: null });
});

it('resolves in another process also when no notification comes through', async () => {
  const gate = new Gate();
  const plan = (): ReturnType<typeof durable> => durable('work').step('one', () => gate.pass());
  const worker = await apps.boot({ workflows: [plan()] });
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const run = await web.runner.start('work');
  await gate.reached;
  worker.engine['parts'].storage.channel.close();
  const result = run.result({ timeout: '60s' });
  gate.open();

  expect(await result).toEqual({ one: null });
});

it('rejects with what made the run fail, in whichever process', async () => {
  const worker = await apps.boot({ workflows: [durable('work').step('one', boom, { maxAttempts: 1 })] });
  const web = await apps.boot({ worker: false });
  const run = await worker.runner.start('work');

  for (const runner of [worker.runner, web.runner]) {
    const error = await runner.result(run.id, { timeout: '60s' }).catch((thrown: unknown) => thrown as RunFailedError);
    expect(error).toBeInstanceOf(RunFailedError);
    expect(error).toMatchObject({
      runId: run.id,
      workflow: 'work',
      status: 'failed',
      error: { name: 'TypeError', message: 'boom', step: 'one' },
      cause: { name: 'TypeError', message: 'boom' },
    });
  }
});

it('rejects after its timeout, and the run goes on', async () => {
  const gate = new Gate();
  const { runner } = await apps.boot({ workflows: [durable('work').step('one', () => gate.pass())] });
  const run = await runner.start('work');

  await expect(run.result({ timeout: 10 })).rejects.toBeInstanceOf(ResultTimeoutError);
  await expect(run.result({ timeout: 0 })).rejects.toMatchObject({ runId: run.id, timeoutMs: 0 });
  gate.open();

  expect(await run.result()).toEqual({ one: null });
});

it('startAndWait rejects as result() does', async () => {
  const { runner } = await apps.boot({ workflows: [durable('work').step('one', boom, { maxAttempts: 1 })] });

  await expect(runner.startAndWait('work')).rejects.toMatchObject({ status: 'failed', cause: { message: 'boom' } });
});

it('waiting for a result with a timeout that is no duration is refused', async () => {
  const { runner } = await apps.boot({ worker: false, workflows: [durable('echo').step('say', () => 1)] });
  const run = await runner.start('echo');

  await expect(run.result({ timeout: 'soon' })).rejects.toMatchObject({ code: 'DURABLE_INVALID_DURATION' });
});

// Covers: an operator's retry of a run that failed. Of a failed compensation: compensation.spec.ts. Attempts of steps: retries.spec.ts.
import { durable, RunNotFoundError, RunNotRetryableError } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

it('goes on from the step that gave up, with all of its attempts back, and repeats nothing before it', async () => {
  const log: string[] = [];
  const state = { broken: true };
  const plan = durable('order')
    .step('one', () => log.push('one'))
    .step(
      'two',
      (ctx) => {
        log.push(`two ${ctx.attempt}`);
        if (state.broken) throw new Error('no');
        return 'ok';
      },
      { maxAttempts: 3, backoff: () => 1 },
    )
    .step('three', () => log.push('three'));
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('order', { id: 1 });
  await testing.advance('1m');
  expect(log).toEqual(['one', 'two 1', 'two 2', 'two 3']);

  expect(await runner.retry(run.id)).toEqual({ accepted: true, status: 'pending' });
  await testing.advance('1m');
  expect(await run.snapshot()).toMatchObject({ status: 'failed', attempt: 3, error: { message: 'no' } });
  state.broken = false;
  await runner.retry(run.id);
  await testing.drain();

  expect(log).toEqual(['one', 'two 1', 'two 2', 'two 3', 'two 1', 'two 2', 'two 3', 'two 1', 'three']);
  const snapshot = await run.snapshot({ journal: true });
  expect(snapshot).toMatchObject({ status: 'completed', result: { two: 'ok' } });
  expect(snapshot.journal.filter(({ kind }) => kind === 'attempt')).toHaveLength(6);
});

it('wakes somebody who waits for the result, once it completes', async () => {
  const state = { broken: true };
  const plan = durable('order').step(
    'one',
    () => {
      if (state.broken) throw new Error('no');
      return 1;
    },
    { maxAttempts: 1 },
  );
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('order');
  await expect(run.result()).rejects.toThrow('no');
  state.broken = false;

  await runner.retry(run.id);

  expect(await run.result({ timeout: '60s' })).toEqual({ one: 1 });
});

it('lifts a deadline that has passed', async () => {
  const state = { slow: true };
  const plan = durable('order').step('one', () => (state.slow ? new Promise(() => undefined) : 1));
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('order', null, { timeout: '1m' });
  await testing.advance('2m');
  expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { name: 'RunTimeoutError' } });
  state.slow = false;

  await runner.retry(run.id);
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'completed', deadlineAt: null });
});

it('is refused once what the run would build upon has been undone', async () => {
  const plan = durable('order')
    .step('charge', () => 1, { compensate: () => undefined })
    .step('reserve', () => 1, { compensate: () => undefined })
    .step(
      'ship',
      () => {
        throw new Error('no');
      },
      { maxAttempts: 1 },
    );
  const { runner } = await apps.boot({ workflows: [plan] });
  const run = await runner.start('order');
  await run.result().catch(() => undefined);

  const refused = runner.retry(run.id);

  await expect(refused).rejects.toBeInstanceOf(RunNotRetryableError);
  await expect(refused).rejects.toMatchObject({
    runId: run.id,
    status: 'failed',
    message: expect.stringContaining('what it would build upon has been undone: reserve, charge'),
  });
  expect(await run.snapshot()).toMatchObject({ status: 'failed' });
});

it('is refused for a run that has not failed, whatever it does, and changes nothing', async () => {
  const gate = new Gate();
  const plan = durable('order').step('one', () => gate.pass());
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const running = await runner.start('order');
  const pending = await runner.start('order', null, { delay: '1d' });
  const canceled = await runner.start('order', null, { delay: '1d' });
  await canceled.cancel();
  await gate.reached;

  for (const [run, status] of [
    [running, 'running'],
    [pending, 'pending'],
    [canceled, 'canceled'],
  ] as const) {
    await expect(runner.retry(run.id)).rejects.toMatchObject({ code: 'DURABLE_RUN_NOT_RETRYABLE', status });
  }
  gate.open();
  await testing.drain();

  await expect(runner.retry(running.id)).rejects.toMatchObject({ status: 'completed' });
});

it('of a run that does not exist is a RunNotFoundError', async () => {
  const { runner } = await apps.boot();

  await expect(runner.retry('01900000-0000-7000-8000-000000000000')).rejects.toBeInstanceOf(RunNotFoundError);
  await expect(runner.retry('no id')).rejects.toBeInstanceOf(RunNotFoundError);
});

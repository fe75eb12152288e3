// Covers: the time that one attempt may take, the time that a run may take, and the abort signal that goes with them.
// The signal at a cancel: cancel.spec.ts; at a lost lease: fencing.spec.ts; at a shutdown: shutdown.spec.ts.
import { durable, type DurableContext } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { aborted } from '../../support/gate.js';
import { DurableApps, until } from '../../support/durable-app.js';

const apps = new DurableApps();
const never = (): Promise<never> => new Promise(() => undefined);
const START = '2030-01-01T00:00:00Z';

describe('the timeout of a step', () => {
  it('ends an attempt that never settles, aborts its signal with the error, and the next attempt follows', async () => {
    const reasons: unknown[] = [];
    const plan = durable('slow').step(
      'call',
      (ctx) => {
        if (ctx.attempt === 2) return 'quick';
        void aborted(ctx.abortSignal).then((reason) => reasons.push(reason));
        return never();
      },
      { timeout: '30s', backoff: () => 1 },
    );
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

    const run = await runner.start('slow');
    await testing.advance('29s');
    expect(await run.snapshot()).toMatchObject({ status: 'running' });
    await testing.advance('2s');

    const snapshot = await run.snapshot({ journal: true });
    expect(snapshot).toMatchObject({ status: 'completed', result: { call: 'quick' } });
    expect(snapshot.journal[0]).toMatchObject({ kind: 'attempt', error: { name: 'StepTimeoutError', step: 'call' } });
    expect(reasons).toEqual([expect.objectContaining({ name: 'StepTimeoutError', step: 'call', timeoutMs: 30_000 })]);
  });

  it('is the jobTimeout of the module where the step declares none', async () => {
    const { runner, testing } = await apps.bootVirtual({
      jobTimeout: '10s',
      workflows: [durable('slow').step('call', never, { maxAttempts: 1 })],
    });

    const run = await runner.start('slow');
    await testing.advance('9s');
    expect(await run.snapshot()).toMatchObject({ status: 'running' });
    await testing.advance('1s');

    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { name: 'StepTimeoutError' } });
  });

  it('is ten minutes where nobody declares one, and may be longer than a timer of the process holds', async () => {
    const { runner, testing } = await apps.bootVirtual({
      workflows: [
        durable('default').step('call', never, { maxAttempts: 1 }),
        durable('long').step('call', never, { maxAttempts: 1, timeout: '60d' }),
      ],
    });

    const [byDefault, long] = [await runner.start('default'), await runner.start('long')];
    await testing.advance('599s');
    expect(await byDefault.snapshot()).toMatchObject({ status: 'running' });
    await testing.advance('1s');
    expect(await byDefault.snapshot()).toMatchObject({ status: 'failed' });
    await testing.advance('59d');
    expect(await long.snapshot()).toMatchObject({ status: 'running' });
    await testing.advance('1d');
    expect(await long.snapshot()).toMatchObject({ status: 'failed', error: { name: 'StepTimeoutError' } });
  });

  it('frees the slot of the attempt, which may still be running', async () => {
    const { runner, testing } = await apps.bootVirtual({
      worker: { concurrency: 1 },
      workflows: [
        durable('stuck').step('call', never, { maxAttempts: 1, timeout: '1m' }),
        durable('sane').step('work', () => 1),
      ],
    });

    await runner.start('stuck');
    await testing.advance('1s'); // it has the slot, also if it had to wait for a claim
    const waiting = await runner.start('sane');
    await testing.advance('58s');
    expect(await waiting.snapshot()).toMatchObject({ status: 'pending' });
    await testing.advance('1s');

    expect(await waiting.snapshot()).toMatchObject({ status: 'completed' });
  });

  it('does not abort the signal of an attempt that returned in time before it has returned', async () => {
    let signal!: AbortSignal;
    const seen: boolean[] = [];
    const plan = durable('quick').step('call', async (ctx) => {
      signal = ctx.abortSignal;
      await Promise.resolve();
      seen.push(signal.aborted);
    });
    const { runner } = await apps.boot({ workflows: [plan] });

    await runner.startAndWait('quick');

    expect(seen).toEqual([false]);
    expect(signal.aborted).toBe(true);
  });

  it('ends a transactional step whose statement does not come back, and rolls it back', async () => {
    const plan = durable('locked').step(
      'wait',
      async (ctx: DurableContext) => {
        await ctx.manager.query(`insert into durable.definition values ('effect', 1, 'h', 0, '{}', now())`);
        await ctx.manager.query('select pg_sleep(600)');
      },
      { transactional: true, timeout: 50, maxAttempts: 1 },
    );
    const { runner } = await apps.boot({ workflows: [plan] });

    const run = await runner.start('locked');
    await expect(run.result({ timeout: '60s' })).rejects.toThrow('StepTimeoutError');

    expect(await apps.sql(`select from durable.definition where name = 'effect'`)).toEqual([]);
    const sleeping = `select query from pg_stat_activity where datname = current_database() and query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()`;
    expect(
      await until(
        () => apps.sql(sleeping),
        (rows) => rows.length === 0,
      ),
    ).toEqual([]);
  });
});

describe('the timeout of a run', () => {
  it('fails the run in the middle of a step, aborts that, and undoes what completed', async () => {
    const log: string[] = [];
    const plan = durable('late')
      .step('book', () => log.push('book'), { compensate: async () => void log.push('unbook') })
      .step('wait', (ctx) => {
        void aborted(ctx.abortSignal).then((reason) => log.push((reason as Error).name));
        return never();
      });
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

    const run = await runner.start('late', null, { timeout: '5m' });
    expect(await run.snapshot()).toMatchObject({ deadlineAt: new Date('2030-01-01T00:05:00Z') });
    await testing.advance('4m');
    expect(await run.snapshot()).toMatchObject({ status: 'running' });
    await testing.advance('1m');

    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { name: 'RunTimeoutError' } });
    expect(log).toEqual(['book', 'RunTimeoutError', 'unbook']);
  });

  it('does not bound what is undone because it has passed', async () => {
    const log: string[] = [];
    const plan = durable('late')
      .step('book', () => 1, {
        compensate: async () => {
          await apps.sql('select 1');
          log.push('unbook');
        },
      })
      .step('wait', never);
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

    const run = await runner.start('late', null, { timeout: '5m' });
    await testing.advance('6m');
    await testing.drain();

    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { name: 'RunTimeoutError' } });
    expect(log).toEqual(['unbook']);
  });

  it('fails it between two attempts, without waiting for the next', async () => {
    let attempts = 0;
    const plan = durable('late').step(
      'call',
      () => {
        attempts++;
        throw new Error('no');
      },
      { backoff: () => 86_400 },
    );
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

    const run = await runner.start('late', null, { timeout: '1h' });
    await testing.advance('59m');
    expect(await run.snapshot()).toMatchObject({ status: 'suspended' });
    await testing.advance('1m');

    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { name: 'RunTimeoutError' } });
    expect(attempts).toBe(1);
  });

  it('outlives the process', async () => {
    const clock = new VirtualClock(new Date(START));
    const plan = () =>
      durable('late').step(
        'call',
        () => {
          throw new Error('no');
        },
        { maxAttempts: 99, backoff: () => 600 },
      );
    const first = await apps.bootVirtual({ clock, workflows: [plan()] });
    const run = await first.runner.start('late', null, { timeout: '1h' });
    await first.testing.advance('15m');
    await first.app.close();

    const second = await apps.bootVirtual({ clock, workflows: [plan()] });
    await second.testing.advance('2h');

    const snapshot = await second.runner.find(run.id);
    expect(snapshot).toMatchObject({ status: 'failed', error: { name: 'RunTimeoutError' } });
    expect(snapshot.finishedAt).toEqual(new Date('2030-01-01T01:00:00Z'));
  });

  it('counts from the time that the run was to begin', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [durable('quick').step('call', () => 1)] });

    const delayed = await runner.start('quick', null, { delay: '1d', timeout: '1h' });
    const dated = await runner.start('quick', null, { startAt: new Date('2030-01-02T00:00:00Z'), timeout: '1h' });
    await testing.advance('1d');

    expect(await delayed.snapshot()).toMatchObject({ status: 'completed' });
    expect(await dated.snapshot()).toMatchObject({
      status: 'completed',
      deadlineAt: new Date('2030-01-02T01:00:00Z'),
    });
  });

  it('fails a run that no worker took in time without executing anything', async () => {
    const clock = new VirtualClock(new Date(START));
    let calls = 0;
    const plan = () => durable('late').step('call', () => ++calls);
    const starter = await apps.boot({ clock, worker: false, workflows: [plan()] });
    const run = await starter.runner.start('late', null, { timeout: '1m' });
    clock.move('2m');

    const { testing } = await apps.bootVirtual({ clock, workflows: [plan()] });
    await testing.drain();

    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { name: 'RunTimeoutError' } });
    expect(calls).toBe(0);
  });
});

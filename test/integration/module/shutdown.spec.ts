// Covers: the end of an application: what becomes of running steps, of runs, of waiting callers and of connections. Every
// other spec file of this folder and of the engine closes its applications too, and fails when something is left open.
// SIGTERM and SIGKILL of processes: test/crash.
import { Controller, Get, Injectable, type BeforeApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { durable, DurableModule, DurableRunner, ShutdownError, type DurableContext } from '../../../lib/index.js';
import { DurableApps, until } from '../../support/durable-app.js';
import { aborted, Gate } from '../../support/gate.js';

const apps = new DurableApps();

it('lets a running step finish, journals it, and hands the run on at once, uncounted', async () => {
  const gate = new Gate();
  const log: string[] = [];
  const plan = () =>
    durable('slow')
      .step('one', async () => {
        await gate.pass();
        return 'finished';
      })
      .step('two', (ctx) => void log.push(`two ${ctx.results.one}`));
  const app = await apps.boot({ worker: { shutdownTimeout: '20s' }, workflows: [plan()] });
  const run = await app.runner.start('slow');
  await gate.reached;

  const closed = app.close();
  gate.open();
  await closed;

  expect(log).toEqual([]);
  expect(await apps.journalKeys(run.id)).toEqual(['one']);
  expect(await apps.runRow(run.id)).toMatchObject({ status: 'pending', worker_id: null, cursor: 1, deliveries: 0 });
  expect((await apps.runRow(run.id)).due_at).not.toBeNull();
  const next = await apps.boot({ workflows: [plan()] });
  expect(await next.runner.result(run.id, { timeout: '60s' })).toEqual({ one: 'finished', two: null });
  expect(log).toEqual(['two finished']);
});

it('completes a run whose last step finishes in time', async () => {
  const gate = new Gate();
  const workflow = durable('slow').step('one', () => gate.pass());
  const app = await apps.boot({ worker: { shutdownTimeout: '20s' }, workflows: [workflow] });
  const run = await app.runner.start('slow');
  const result = run.result();
  await gate.reached;

  const closed = app.close();
  gate.open();
  await closed;

  expect(await result).toEqual({ one: null });
  expect(await apps.runRow(run.id)).toMatchObject({ status: 'completed' });
});

it('tells who starts a run with a known key meanwhile, and leaves no rejection that nobody hears', async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown): number => unheard.push(reason);
  process.on('unhandledRejection', hear);
  try {
    const app = await apps.boot({ worker: false, workflows: [durable('slow').step('one', () => 1)] });
    const { id } = await app.runner.start('slow', null, { idempotencyKey: 'known' });
    await app.engine.stopWorker();

    const again = app.runner.startAndWait('slow', null, { idempotencyKey: 'known' });
    await expect(again).rejects.toBeInstanceOf(ShutdownError);

    // The answer to the start comes later, and so does the look at the run that it names.
    for (let look = 0; look < 3; look++) await app.runner.find(id);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unheard).toEqual([]);
  } finally {
    process.off('unhandledRejection', hear);
  }
});

it('aborts what has not finished after the shutdown timeout, and gives those runs back uncounted', async () => {
  const reasons: unknown[] = [];
  const gate = new Gate();
  const plan = () =>
    durable('stuck').step('wait', async (ctx: DurableContext) => {
      if (gate.visits > 0) return ctx.attempt;
      reasons.push(await Promise.race([aborted(ctx.abortSignal), gate.pass()]));
      throw new Error('this is heard by nobody');
    });
  const app = await apps.boot({ worker: { shutdownTimeout: 20 }, workflows: [plan()] });
  const run = await app.runner.start('stuck');
  await gate.reached;

  await app.close();

  expect(reasons).toEqual([expect.any(ShutdownError)]);
  expect(await apps.runRow(run.id)).toMatchObject({ status: 'pending', worker_id: null, deliveries: 0 });
  expect(await apps.count('attempt')).toBe(0);
  const next = await apps.boot({ workflows: [plan()] });
  expect(await next.runner.result(run.id, { timeout: '60s' })).toEqual({ wait: 1 });
});

it('does not wait for a step that never settles and ignores its signal', async () => {
  const gate = new Gate();
  const plan = durable('stuck').step('wait', () => gate.pass());
  const app = await apps.boot({ worker: { shutdownTimeout: 0 }, workflows: [plan] });
  const run = await app.runner.start('stuck');
  await gate.reached;

  await app.close();

  expect(await apps.runRow(run.id)).toMatchObject({ status: 'pending', worker_id: null });
  gate.open();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await apps.journalKeys(run.id)).toEqual([]);
});

it('takes no run any more once it has begun, and another worker takes them at once', async () => {
  const gate = new Gate();
  const log: string[] = [];
  const plan = (name: string) => durable('work').step('do', () => void log.push(name));
  const stuck = durable('stuck').step('wait', () => gate.pass());
  const first = await apps.boot({ worker: { shutdownTimeout: '20s' }, workflows: [plan('first'), stuck] });
  await first.runner.start('stuck');
  await gate.reached;
  const closed = first.close();
  const second = await apps.boot({ workflows: [plan('second')] });
  const web = await apps.boot({ worker: false, workflows: [plan('web')] });

  const runs = await web.runner.startMany('work', [1, 2, 3]);
  await Promise.all(runs.map((run) => second.runner.result(run.id, { timeout: '60s' })));
  gate.open();
  await closed;

  expect(log).toEqual(['second', 'second', 'second']);
});

it('hands the runs of a stopping process to another that runs already, without waiting for its poll', async () => {
  const gate = new Gate();
  const plan = (name: string) =>
    durable('work')
      .step('one', async () => {
        if (name === 'first') await gate.pass();
      })
      .step('two', () => name);
  const first = await apps.boot({ worker: { concurrency: 10, shutdownTimeout: '20s' }, workflows: [plan('first')] });
  const second = await apps.boot({ worker: { pollInterval: '10m', leaseDuration: '1h' }, workflows: [plan('second')] });
  const runs = await first.runner.startMany(
    'work',
    Array.from({ length: 10 }, (_, n) => n),
  );
  await until(
    () => gate.visits,
    (visits) => visits === 10,
  );

  const closed = first.close();
  gate.open();
  await closed;

  const results = await Promise.all(runs.map((run) => second.runner.result(run.id, { timeout: '60s' })));
  expect(results).toEqual(Array.from({ length: 10 }, () => ({ one: null, two: 'second' })));
});

it('may be asked for twice, at once and one after the other', async () => {
  const app = await apps.boot({ workflows: [durable('work').step('do', () => 1)] });
  await app.runner.startAndWait('work');

  await Promise.all([app.close(), app.close()]);
  await app.close();
});

it('leaves no row of its worker, and no run that is held', async () => {
  const app = await apps.boot({ workflows: [durable('work').step('do', () => 1)] });
  await app.runner.startMany(
    'work',
    Array.from({ length: 100 }, (_, n) => n),
  );

  await app.close();

  expect(await apps.count('worker')).toBe(0);
  expect(await apps.sql('select from durable.run where worker_id is not null')).toEqual([]);
});

it('rejects those who wait for results, so that nobody hangs', async () => {
  const web = await apps.boot({ worker: false, workflows: [durable('work').step('do', () => 1)] });
  const run = await web.runner.start('work');
  const waiting = [
    run.result(),
    run.result({ timeout: '1h' }),
    web.runner.result(run.id),
    web.runner.startAndWait('work'),
  ].map((result) => expect(result).rejects.toBeInstanceOf(ShutdownError));
  await until(
    () => apps.count('run'),
    (count) => count === 2,
  );

  await web.close();

  await Promise.all(waiting);
});

it('ends a request that waits for a result, which would hold up the application itself', async () => {
  @Controller()
  class WaitController {
    constructor(private readonly runner: DurableRunner) {}
    @Get() async wait(): Promise<unknown> {
      const run = await this.runner.start('work');
      return run.result().catch((error: unknown) => ({ refused: (error as Error).name }));
    }
  }
  const moduleRef = await Test.createTestingModule({
    imports: [apps.typeorm(), DurableModule.forRoot({ worker: false })],
    controllers: [WaitController],
    providers: [{ provide: 'plan', useValue: durable('work').step('do', () => 1) }],
  })
    .setLogger(apps.log)
    .compile();
  const app = moduleRef.createNestApplication();
  await app.listen(0, '127.0.0.1');
  const answer = fetch(await app.getUrl(), { headers: { connection: 'close' } });
  await until(
    () => apps.count('run'),
    (count) => count === 1,
  );

  await app.close();

  expect(await (await answer).json()).toEqual({ refused: 'ShutdownError' });
});

it('still starts runs for providers that shut down, until the last of them has', async () => {
  const ids: string[] = [];
  @Injectable()
  class Farewell implements OnModuleDestroy, BeforeApplicationShutdown {
    constructor(private readonly runner: DurableRunner) {}
    async onModuleDestroy(): Promise<void> {
      ids.push((await this.runner.start('work', 'destroy')).id);
    }
    async beforeApplicationShutdown(): Promise<void> {
      ids.push((await this.runner.start('work', 'shutdown')).id);
    }
  }
  const app = await apps.boot({ providers: [Farewell], workflows: [durable('work').step('do', () => 1)] });

  await app.close();

  expect(ids).toHaveLength(2);
  for (const id of ids) expect(['pending', 'completed']).toContain((await apps.runRow(id)).status);
});

it('refuses to start runs afterwards, with an error that says so', async () => {
  const app = await apps.boot({ workflows: [durable('work').step('do', () => 1)] });
  await app.close();

  await expect(app.runner.start('work')).rejects.toThrow(/closed/);
  await expect(app.runner.list()).rejects.toThrow(/closed/);
});

it('stops a worker that is only just starting', async () => {
  const app = await apps.compile({
    imports: [apps.typeorm(), DurableModule.forRoot()],
    providers: [{ provide: 'plan', useValue: durable('work').step('do', () => 1) }],
  });
  await app.engine.ready();

  const started = app.engine.startWorker();
  await app.engine.close();
  await started;

  expect(await apps.count('worker')).toBe(0);
});

// Covers: starting runs: by name, class and plan, options, idempotency keys, many at once, in a caller's transaction.
// What is refused before anything is written: refusals.spec.ts. When runs are taken: claiming.spec.ts of the engine.
import { DataSource } from 'typeorm';
import {
  durable,
  IdempotencyConflictError,
  ManagerNotInTransactionError,
  Step,
  Workflow,
  type DurableContext,
} from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();
const echo = (name = 'echo'): ReturnType<typeof durable> => durable(name).step('say', (ctx) => ctx.input);

@Workflow('shout')
class ShoutWorkflow {
  @Step() say(ctx: DurableContext<string>): string {
    return ctx.input.toUpperCase();
  }
}

describe('start', () => {
  it('takes a workflow by its name, its class or its plan', async () => {
    const plan = echo();
    const { runner } = await apps.boot({ workflows: [plan, ShoutWorkflow] });

    expect(await runner.startAndWait('echo', 1)).toEqual({ say: 1 });
    expect(await runner.startAndWait(plan, 2)).toEqual({ say: 2 });
    expect(await runner.startAndWait(ShoutWorkflow, 'hey')).toEqual({ say: 'HEY' });
  });

  it('without an input starts with null', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });

    expect(await runner.startAndWait('echo')).toEqual({ say: null });
  });

  it('in a process without a worker leaves the run to another process, at once', async () => {
    const web = await apps.boot({ worker: false, workflows: [echo()] });
    await apps.boot({ worker: { pollInterval: '10m', leaseDuration: '1h' }, workflows: [echo()] });

    const run = await web.runner.start('echo', 'x');

    expect(run).toMatchObject({ status: 'pending', created: true });
    expect(await run.result({ timeout: '60s' })).toEqual({ say: 'x' });
  });

  it('in a process that does not know the workflow uses the plan that another one has stored', async () => {
    await apps.boot({ workflows: [echo()] });
    const stranger = await apps.boot({ worker: false });

    expect(await stranger.runner.startAndWait('echo', 'x')).toEqual({ say: 'x' });
  });
});

describe('an idempotency key', () => {
  it('stands for one run: the same key and input again give that run, also when it has ended', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });
    const options = { idempotencyKey: 'order-1' };

    const first = await runner.start('echo', { a: 1, b: [2, { c: 3 }] }, options);
    await first.result();
    const second = await runner.start('echo', { b: [2, { c: 3 }], a: 1 }, options);

    expect(first.created).toBe(true);
    expect(second).toMatchObject({ id: first.id, created: false, status: 'completed' });
    expect(await runner.startAndWait('echo', { a: 1, b: [2, { c: 3 }] }, options)).toEqual(await first.result());
    expect(await apps.count('run')).toBe(1);
  });

  it('with another input is a conflict that names the run, and nothing is started', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });
    const first = await runner.start('echo', { a: 1 }, { idempotencyKey: 'k' });

    const conflict = runner.start('echo', { a: 2 }, { idempotencyKey: 'k' });

    await expect(conflict).rejects.toBeInstanceOf(IdempotencyConflictError);
    await expect(conflict).rejects.toMatchObject({ workflow: 'echo', key: 'k', runId: first.id });
    expect(await apps.count('run')).toBe(1);
  });

  it('belongs to one workflow: others may use it too', async () => {
    const { runner } = await apps.boot({ workflows: [echo('one'), echo('two')] });

    const one = await runner.start('one', 1, { idempotencyKey: 'k' });
    const two = await runner.start('two', 2, { idempotencyKey: 'k' });

    expect([one.created, two.created]).toEqual([true, true]);
  });

  it('gives one run to fifty starts at once, from two processes', async () => {
    let executions = 0;
    const plan = (): ReturnType<typeof durable> => durable('once').step('do', () => ++executions);
    const first = await apps.boot({ workflows: [plan()] });
    const second = await apps.boot({ workflows: [plan()] });

    const runs = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        (n % 2 ? first : second).runner.start('once', 'same', { idempotencyKey: 'k' }),
      ),
    );
    await first.runner.result(runs[0].id, { timeout: '60s' });

    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(runs.filter(({ created }) => created)).toHaveLength(1);
    expect(executions).toBe(1);
  });

  it.each([`it's "odd" $1 \\`, '🦆'.repeat(200), 'x'.repeat(512)])('may hold any text', async (idempotencyKey) => {
    const { runner } = await apps.boot({ workflows: [echo()] });

    await runner.start('echo', 1, { idempotencyKey });

    expect(await runner.list({ idempotencyKey })).toHaveLength(1);
  });

  it('is free again once its run has been purged', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });
    const first = await runner.start('echo', 1, { idempotencyKey: 'k' });
    await first.result();
    await runner.purge({ olderThan: new Date(Date.now() + 60_000) });

    const second = await runner.start('echo', 2, { idempotencyKey: 'k' });

    expect(second).toMatchObject({ created: true });
    expect(second.id).not.toBe(first.id);
  });
});

describe('startMany', () => {
  it('starts one run an input, in the order of the inputs', async () => {
    const { runner } = await apps.boot({ worker: { concurrency: 10 }, workflows: [echo()] });

    const runs = await runner.startMany(
      'echo',
      Array.from({ length: 250 }, (_, n) => ({ n })),
    );
    const results = await Promise.all(runs.map((run) => run.result({ timeout: '60s' })));

    expect(results).toEqual(Array.from({ length: 250 }, (_, n) => ({ say: { n } })));
  });

  it('of nothing starts nothing', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });

    expect(await runner.startMany('echo', [])).toEqual([]);
  });

  it('gives equal keys with equal inputs one run', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });

    const runs = await runner.startMany('echo', ['a', 'b', 'a'], { idempotencyKey: (input: string) => input });

    expect(runs[0].id).toBe(runs[2].id);
    expect(runs.map(({ created }) => created)).toEqual([true, true, false]);
    expect(await apps.count('run')).toBe(2);
  });

  it('starts all or none: a key that conflicts takes the others with it, and no slot is lost', async () => {
    const { app, runner, testing } = await apps.bootVirtual({ worker: { concurrency: 3 }, workflows: [echo()] });
    const first = await runner.start('echo', 'old', { idempotencyKey: 'k1' });
    await testing.drain();

    const starting = runner.startMany('echo', ['n0', 'n1', 'n2'], { idempotencyKey: (_, n) => `k${n}` });

    await expect(starting).rejects.toMatchObject({ key: 'k1', runId: first.id });
    expect(await apps.count('run')).toBe(1);
    expect(app.engine.worker!.sessions.free).toBe(3);
  });

  it('refuses all for one input that is no JSON, and names its index', async () => {
    const { runner } = await apps.boot({ workflows: [echo()] });

    await expect(runner.startMany('echo', [1, 2, { a: 3n }])).rejects.toThrow(
      'Cannot store the input 2 of workflow "echo": $.a is a BigInt',
    );
    expect(await apps.count('run')).toBe(0);
  });
});

describe('in a transaction of the caller', () => {
  it('exists once that has committed, and begins in another process without waiting for its poll', async () => {
    const web = await apps.boot({ worker: false, workflows: [echo()] });
    const worker = await apps.boot({ worker: { pollInterval: '10m', leaseDuration: '1h' }, workflows: [echo()] });

    const run = await web.dataSource.transaction(async (manager) => {
      const started = await web.runner.start('echo', 'x', { manager });
      expect(await apps.count('run')).toBe(0);
      return started;
    });
    expect(await worker.runner.result(run.id, { timeout: '60s' })).toEqual({ say: 'x' });
  });

  it('never existed once that has rolled back', async () => {
    const app = await apps.boot({ workflows: [echo()] });

    await expect(
      app.dataSource.transaction(async (manager) => {
        await app.runner.start('echo', 'x', { manager });
        await app.runner.startMany('echo', [1, 2], { manager });
        throw new Error('no');
      }),
    ).rejects.toThrow('no');

    expect(await apps.count('run')).toBe(0);
  });

  it('with a key that conflicts leaves the transaction usable, and nothing of the call in it', async () => {
    const app = await apps.boot({ workflows: [echo()] });
    await app.runner.startAndWait('echo', 'old', { idempotencyKey: 'k1' });

    await app.dataSource.transaction(async (manager) => {
      await expect(app.runner.start('echo', 'new', { manager, idempotencyKey: 'k1' })).rejects.toBeInstanceOf(
        IdempotencyConflictError,
      );
      await expect(
        app.runner.startMany('echo', ['a', 'b'], { manager, idempotencyKey: (_, n) => `k${n}` }),
      ).rejects.toBeInstanceOf(IdempotencyConflictError);
      await app.runner.start('echo', 'kept', { manager });
    });

    expect(await apps.sql('select input from durable.run order by id')).toEqual([{ input: 'old' }, { input: 'kept' }]);
  });

  it('refuses a manager that is not in one', async () => {
    const app = await apps.boot({ workflows: [echo()] });

    await expect(
      app.runner.start('echo', 1, { manager: app.moduleRef.get(DataSource).manager }),
    ).rejects.toBeInstanceOf(ManagerNotInTransactionError);
    expect(await apps.count('run')).toBe(0);
  });
});

it('lets concurrent starts share commits', async () => {
  const { runner } = await apps.boot({ worker: false, workflows: [echo()] });
  await runner.start('echo', 'warm');
  const commits = async (): Promise<number> =>
    (await apps.sql<{ xid: string }>('select distinct xmin::text as xid from durable.run')).length;
  const before = await commits();

  await Promise.all(Array.from({ length: 500 }, (_, n) => runner.start('echo', n)));

  expect(await apps.count('run')).toBe(501);
  expect((await commits()) - before).toBeLessThanOrEqual(50);
});

// Covers: a worker whose run was taken over: nothing that it still does is written, its steps are told, and it lives on.
// Leases as such: leases.spec.ts. Processes that are stopped and continued: test/crash.
import { durable, type DurableContext, type StepHandler } from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';
import { aborted, Gate } from '../../support/gate.js';

const apps = new DurableApps();

/** Everything that is stored of a run. */
async function stored(run: string): Promise<unknown> {
  return apps.sql(
    `select to_jsonb(r) - 'worker_id' as run,
            (select jsonb_agg(to_jsonb(j) order by key) from durable.journal j where j.run_id = r.id) as journal,
            (select jsonb_agg(to_jsonb(a) order by key) from durable.attempt a where a.run_id = r.id) as attempts,
            (select jsonb_agg(to_jsonb(p) order by key) from durable.progress p where p.run_id = r.id) as progress
       from durable.run r where id = $1`,
    [run],
  );
}

/** Another worker takes the run, as a claim does. */
async function takeOver(run: string): Promise<void> {
  await apps.sql(`update durable.run set epoch = epoch + 1, worker_id = $2 where id = $1`, [run, other.workerId]);
}

/** A second worker that lives and does nothing: it executes no workflow. */
let other: DurableApp;

beforeEach(async () => {
  other = await apps.boot({ worker: { id: 'other' } });
});

const settled = (app: DurableApp): Promise<unknown> => app.engine.worker!.sessions.empty();

describe('a late write of a run that was taken over changes nothing', () => {
  it.each<[string, (gate: Gate) => [StepHandler, object?]]>([
    [
      'the checkpoint of a step',
      (gate) => [
        async () => {
          await gate.pass();
          return 'late';
        },
      ],
    ],
    [
      'the last checkpoint of a run',
      (gate) => [
        async () => {
          await gate.pass();
          return 'last';
        },
      ],
    ],
    [
      'a failed attempt',
      (gate) => [
        async () => {
          await gate.pass();
          throw new Error('late');
        },
        { backoff: () => 60 },
      ],
    ],
    [
      'a failure for good',
      (gate) => [
        async () => {
          await gate.pass();
          throw new Error('late');
        },
        { maxAttempts: 1 },
      ],
    ],
    [
      'a suspension',
      (gate) => [
        async () => {
          await gate.pass();
          return { status: 'suspended' };
        },
      ],
    ],
    [
      'a heartbeat',
      (gate) => [
        async (ctx) => {
          await gate.pass();
          await ctx.heartbeat({ late: true }).catch(() => undefined);
        },
      ],
    ],
    [
      'a transactional step',
      (gate) => [
        async (ctx: DurableContext) => {
          await ctx.manager.query(`insert into durable.definition values ('effect', 1, 'h', 0, '{}', now())`);
          await gate.pass();
        },
        { transactional: true },
      ],
    ],
  ])('%s', async (_, make) => {
    const gate = new Gate();
    const [handler, options] = make(gate);
    const log: string[] = [];
    const plan = durable('zombie')
      .step('before', () => 1, { compensate: () => void log.push('undone') })
      .step('slow', handler, options);
    const app = await apps.boot({ workflows: [plan, durable('sane').step('a', () => 1)] });
    const run = await app.runner.start('zombie');
    await gate.reached;
    await takeOver(run.id);
    const before = await stored(run.id);

    gate.open();
    await settled(app);

    expect(await stored(run.id)).toEqual(before);
    expect(log).toEqual([]);
    expect(await apps.sql(`select from durable.definition where name = 'effect'`)).toEqual([]);
    expect(await app.runner.startAndWait('sane')).toEqual({ a: 1 });
  });

  it('an undo', async () => {
    const gate = new Gate();
    const plan = durable('zombie')
      .step('one', () => 1, { compensate: () => 1 })
      .step('two', () => 1, { compensate: () => gate.pass() })
      .step(
        'three',
        () => {
          throw new Error('no');
        },
        { maxAttempts: 1 },
      );
    const app = await apps.boot({ workflows: [plan] });
    const run = await app.runner.start('zombie');
    await gate.reached;
    await takeOver(run.id);
    const before = await stored(run.id);

    gate.open();
    await settled(app);

    expect(await stored(run.id)).toEqual(before);
  });

  it('handing it back at a shutdown', async () => {
    const gate = new Gate();
    const plan = durable('zombie')
      .step('one', () => gate.pass())
      .step('two', () => 2);
    const app = await apps.boot({ workflows: [plan] });
    const run = await app.runner.start('zombie');
    await gate.reached;
    await takeOver(run.id);
    const before = await stored(run.id);

    const closed = app.close();
    gate.open();
    await closed;

    expect(await stored(run.id)).toEqual(before);
  });

  it('a start whose lease was lost while it was on its way leaves a run that others take', async () => {
    const app = await apps.boot({ workflows: [durable('sane').step('a', () => 1)] });
    await apps.declareDead(app.workerId);

    const run = await app.runner.start('sane');

    expect(await run.result({ timeout: '60s' })).toEqual({ a: 1 });
  });
});

describe('a step of a run that was taken over', () => {
  it('learns of it at its next heartbeat: that rejects, and the signal is aborted', async () => {
    const gate = new Gate();
    const seen: unknown[] = [];
    const plan = durable('zombie').step('slow', async (ctx) => {
      void aborted(ctx.abortSignal).then((reason) => seen.push((reason as Error).name));
      await gate.pass();
      await ctx.heartbeat().catch((error: unknown) => seen.push((error as Error).name));
    });
    const app = await apps.boot({ workflows: [plan] });
    const run = await app.runner.start('zombie');
    await gate.reached;
    await takeOver(run.id);

    gate.open();
    await settled(app);
    await new Promise((resolve) => setImmediate(resolve));

    expect(seen.sort()).toEqual(['LeaseLostError', 'LeaseLostError']);
  });

  it('learns of it when something comes in for the run', async () => {
    const plan = durable('zombie').step('slow', async (ctx) => {
      gate.open();
      throw await aborted(ctx.abortSignal);
    });
    const gate = new Gate();
    const app = await apps.boot({ workflows: [plan] });
    const run = await app.runner.start('zombie');
    await gate.pass();
    await takeOver(run.id);
    const before = await stored(run.id);

    await app.engine.worker!.poke([run.id]);
    await settled(app);

    expect(await stored(run.id)).toEqual(before);
  });
});

it('a run that comes back to the worker that lost it is executed once more, and the first execution stays mute', async () => {
  const gates = [new Gate(), new Gate()];
  const attempts: number[] = [];
  const plan = durable('zombie').step('slow', async (ctx) => {
    const n = attempts.push(ctx.attempt);
    await gates[n - 1].pass();
    return `execution ${n}`;
  });
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('zombie');
  await gates[0].reached;
  await apps.sql('update durable.run set worker_id = gen_random_uuid() where id = $1', [run.id]);
  await runner.recover();
  app.engine.worker!.wake();
  await gates[1].reached;

  gates[0].open();
  await testing.advance(0);
  expect(await run.snapshot()).toMatchObject({ status: 'running', epoch: 3 });
  gates[1].open();
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'completed', result: { slow: 'execution 2' } });
  expect(attempts).toEqual([1, 1]);
});

/**
 * Covers: which events a run, a worker and an operator's orders make, and that each stands behind a commit. How they are
 * told to listeners is in test/unit/observability, methods that handle them in event-handlers.spec.ts; the table of docs/events.md
 * is held to the code in test/docs.
 */
import { channel } from 'node:diagnostics_channel';
import {
  durable,
  DURABLE_EVENTS,
  DurableEvents,
  type DurableEvent,
  type DurableEventName,
  type DurableEventOf,
} from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';

const apps = new DurableApps();

/** Everything that one application tells, from now on. */
class Recorder {
  readonly events: DurableEvent[] = [];

  constructor(app: DurableApp) {
    app.moduleRef.get(DurableEvents).subscribe((event) => this.events.push(event));
  }

  /** Names without the prefix, of the events that concern runs. */
  names(prefix = /^durable\.(run|step|signal|child)\./): string[] {
    return this.events.filter(({ name }) => prefix.test(name)).map(({ name }) => name.slice('durable.'.length));
  }

  of<Name extends DurableEventName>(name: Name): DurableEventOf<Name>[] {
    return this.events.filter((event) => event.name === name) as unknown[] as DurableEventOf<Name>[];
  }
}

describe('the events of a run', () => {
  it('are its start, its claim, its steps and its end, with what identifies each', async () => {
    const order = durable('order')
      .step('charge', () => 1)
      .step('ship', () => 2);
    const { app, runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const told = new Recorder(app);
    // A claim under way could be quicker than the answer to the start.
    await testing.drain();

    const run = await runner.start('order', { secret: 'of the input' }, { idempotencyKey: 'key-1' });
    await testing.drain();

    expect(told.names()).toEqual([
      'run.started',
      'run.claimed',
      'step.started',
      'step.completed',
      'step.started',
      'step.completed',
      'run.completed',
    ]);
    const identity = { runId: run.id, workflow: 'order', version: 1, time: testing.now() };
    expect(told.of('durable.run.started')).toEqual([
      { ...identity, name: 'durable.run.started', queue: 'durable', parentRunId: null, idempotencyKey: 'key-1' },
    ]);
    expect(told.of('durable.run.claimed')).toEqual([
      {
        ...identity,
        ...{ name: 'durable.run.claimed', workerId: app.workerId, epoch: 1, delivery: 1, waitedMs: 0 },
      },
    ]);
    expect(told.of('durable.step.completed')[1]).toEqual({
      ...identity,
      ...{ name: 'durable.step.completed', step: 'ship', kind: 'step', attempt: 1, durationMs: expect.any(Number) },
    });
    expect(JSON.stringify(told.events)).not.toContain('of the input');
  });

  it('tell of failed attempts, of the waits between them, of undos and of the failure', async () => {
    const order = durable('order')
      .step('charge', () => 1, { compensate: () => 'refunded' })
      .step('ship', () => Promise.reject(new Error('no courier')), { maxAttempts: 2, backoff: () => 60 });
    const { app, runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const told = new Recorder(app);
    // A claim under way could be quicker than the answer to the start.
    await testing.drain();

    await runner.start('order', null);
    await testing.drain();
    await testing.advance('2m');

    expect(told.names()).toEqual([
      ...['run.started', 'run.claimed', 'step.started', 'step.completed'],
      ...['step.started', 'step.failed', 'step.retried', 'run.parked'],
      ...['run.claimed', 'run.woken', 'step.started', 'step.failed', 'run.compensating'],
      ...['step.started', 'step.undone', 'run.failed'],
    ]);
    expect(told.of('durable.step.failed')).toMatchObject([
      { step: 'ship', attempt: 1, final: false, error: { message: 'no courier' } },
      { step: 'ship', attempt: 2, final: true },
    ]);
    expect(told.of('durable.step.retried')).toMatchObject([{ step: 'ship', attempt: 1, nextAttempt: 2 }]);
    expect(told.of('durable.run.parked')).toMatchObject([{ reason: 'retry', node: 'ship', dueInMs: 60_000 }]);
    expect(told.of('durable.step.undone')).toMatchObject([{ step: 'undo:charge' }]);
    expect(told.of('durable.run.failed')).toMatchObject([{ error: { message: 'no courier' } }]);
  });

  it('say what a parked run waits for, and tell of the signal, the child and the time that end it', async () => {
    const child = durable('child').step('work', () => 1);
    const order = durable('order')
      .sleep('rest', '1h')
      .waitForSignal('approval', 'approved', { timeout: '1d' })
      .childWorkflow('shipment', 'child')
      .step('agent', (ctx) => ctx.resumeData() ?? { status: 'suspended' });
    const { app, runner, testing } = await apps.bootVirtual({ workflows: [order, child] });
    const told = new Recorder(app);

    const run = await runner.start('order', null);
    await testing.drain();
    await testing.advance('2h');
    await runner.signal(run.id, 'approved', { by: 'ann' }, { id: 'once' });
    await runner.signal(run.id, 'approved', { by: 'ann' }, { id: 'once' });
    await testing.drain();
    await runner.resume(run.id, 'go on');
    await testing.drain();

    const parked = told.of('durable.run.parked').filter(({ runId }) => runId === run.id);
    expect(parked.map(({ reason, awaiting }) => [reason, awaiting])).toEqual([
      ['sleep', null],
      ['signal', ['approved']],
      ['child', null],
      ['resume', [expect.stringContaining('agent')]],
    ]);
    expect(told.of('durable.run.woken').filter(({ runId }) => runId === run.id)).toHaveLength(4);
    expect(told.of('durable.signal.received').map(({ signal, accepted }) => [signal, accepted])).toEqual([
      ['approved', true],
      [expect.stringContaining('agent'), true],
    ]);
    expect(told.of('durable.signal.consumed').map(({ node }) => node)).toEqual(['approval', 'agent']);
    const [born] = told.of('durable.child.started');
    expect(born).toMatchObject({ runId: run.id, node: 'shipment', childWorkflow: 'child', childVersion: 1 });
    expect(told.of('durable.run.started')).toMatchObject([
      { runId: run.id, parentRunId: null },
      { runId: born.childId, parentRunId: run.id },
    ]);
    expect(told.of('durable.child.completed')).toMatchObject([{ runId: run.id, node: 'shipment' }]);
    expect(told.of('durable.operator.acted')).toMatchObject([{ action: 'resume', accepted: true }]);
    expect(told.of('durable.run.completed').map(({ runId }) => runId)).toEqual([born.childId, run.id]);
  });

  it('tell of a child that failed once, as the failure of the child', async () => {
    const child = durable('child').step('work', () => Promise.reject(new Error('broken')), { maxAttempts: 1 });
    const { app, runner, testing } = await apps.bootVirtual({
      workflows: [durable('order').childWorkflow('shipment', 'child'), child],
    });
    const told = new Recorder(app);

    const run = await runner.start('order', null);
    await testing.drain();

    expect(told.of('durable.child.failed')).toMatchObject([{ runId: run.id, node: 'shipment' }]);
    expect(told.of('durable.step.failed').map(({ step }) => step)).toEqual(['work']);
  });
});

describe('an event', () => {
  it('is told when what it tells of can be read', async () => {
    const { app, runner, testing } = await apps.bootVirtual({ workflows: [durable('order').step('charge', () => 1)] });
    const seen: Promise<unknown>[] = [];
    app.moduleRef
      .get(DurableEvents)
      .of('durable.run.started', 'durable.step.completed', 'durable.run.completed')
      .subscribe(({ name, runId }) => {
        const rows = apps.sql(
          'select r.status, (select count(*)::int from durable.journal j where j.run_id = r.id) as journaled from durable.run r where r.id = $1',
          [runId],
        );
        seen.push(rows.then(([row]) => [name, row.status, row.journaled]));
      });

    await runner.start('order', null, { delay: '1m' });
    await testing.advance('2m');

    expect(await Promise.all(seen)).toEqual([
      ['durable.run.started', expect.any(String), expect.any(Number)],
      ['durable.step.completed', 'completed', 1],
      ['durable.run.completed', 'completed', 1],
    ]);
  });

  it('of a start in a transaction is told after the commit, and not at all after a rollback', async () => {
    const app = await apps.boot({ workflows: [durable('order').step('charge', () => 1)], worker: false });
    const told = new Recorder(app);
    let before = 0;

    const rolledBack = app.dataSource.transaction(async (manager) => {
      await app.runner.start('order', null, { manager });
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    await app.dataSource.transaction(async (manager) => {
      await app.runner.start('order', null, { manager });
      before = told.events.length;
    });

    expect([before, told.names()]).toEqual([0, ['run.started']]);
  });

  it('of a run that exists already is not told again', async () => {
    const app = await apps.boot({ workflows: [durable('order').step('charge', () => 1)], worker: false });
    const told = new Recorder(app);

    await app.runner.start('order', null, { idempotencyKey: 'one' });
    await app.runner.start('order', null, { idempotencyKey: 'one' });

    expect(told.names()).toEqual(['run.started']);
  });
});

describe('the events of workers and operators', () => {
  it('tell of the lease, the claims, the batches and the end of a worker', async () => {
    const names: string[] = [];
    const listeners = DURABLE_EVENTS.filter((name) => name.startsWith('durable.worker.')).map((name) => {
      return { name, hear: (): unknown => names.push(name) };
    });
    for (const { name, hear } of listeners) channel(name).subscribe(hear);
    try {
      const { app, runner, testing } = await apps.bootVirtual({
        workflows: [durable('order').step('charge', () => 1)],
      });
      await runner.start('order', null);
      await testing.drain();
      await app.close();
    } finally {
      for (const { name, hear } of listeners) channel(name).unsubscribe(hear);
    }

    expect(names[0]).toBe('durable.worker.started');
    expect(names.at(-1)).toBe('durable.worker.stopped');
    expect(names).toEqual(expect.arrayContaining(['durable.worker.claimed', 'durable.worker.flushed']));
  });

  it('tell of a takeover, and of the write that it fenced', async () => {
    let enter!: () => void;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    let leave!: (value: unknown) => void;
    const left = new Promise((resolve) => (leave = resolve));
    const order = durable('order').step('charge', () => (enter(), left));
    const { apps: two, testing } = await apps.bootVirtual({ workflows: [order] }, { workflows: [] });
    const [holder, other] = two.map((app) => new Recorder(app));

    const run = await two[0].runner.start('order', null);
    await entered;
    await apps.declareDead(two[0].workerId);
    await two[1].runner.recover();
    leave(1);
    await testing.drain();

    expect(other.of('durable.worker.took_over')).toMatchObject([{ workerId: two[1].workerId, runs: 1 }]);
    expect(other.of('durable.operator.acted')).toMatchObject([{ action: 'recover', runs: 1 }]);
    expect(holder.of('durable.worker.fenced')).toMatchObject([{ runId: run.id, epoch: 1, workflow: 'order' }]);
  });

  it('tell of every order with who gave it and why, and of the run that it ended', async () => {
    const app = await apps.boot({ workflows: [durable('order').step('charge', () => 1)], worker: false });
    const told = new Recorder(app);
    const order = { by: 'ann', reason: 'a test' };

    const first = await app.runner.start('order', null);
    await app.runner.pause(first.id, order);
    await app.runner.unpause(first.id, order);
    await app.runner.cancel(first.id, 'a test', { by: 'ann' });
    const second = await app.runner.start('order', null);
    await app.runner.terminate(second.id, 'a test', { by: 'ann' });
    await app.runner.terminate(second.id, 'a test', { by: 'ann' });
    await app.runner.pause({ workflow: 'order' }, order);
    await app.runner.purge({ olderThan: 0 });

    const acted = told.of('durable.operator.acted');
    expect(acted.map(({ action, runId, workflow, accepted }) => [action, runId ?? workflow, accepted])).toEqual([
      ['pause', first.id, true],
      ['unpause', first.id, true],
      ['cancel', first.id, true],
      ['terminate', second.id, true],
      ['terminate', second.id, false],
      ['pause', 'order', true],
      ['purge', null, true],
    ]);
    expect(acted.slice(0, 6).every(({ by, reason }) => by === 'ann' && reason === 'a test')).toBe(true);
    expect(told.of('durable.run.canceled')).toMatchObject([
      { runId: first.id, workflow: 'order', reason: 'a test' },
      { runId: second.id, workflow: 'order', reason: 'a test' },
    ]);
  });
});

it('children that end with their parent are told of, once each, in every way that a parent ends', async () => {
  const kid = durable('kid').waitForSignal('for ever', 'never');
  const between = durable('between').childWorkflow('kid', kid, undefined, { parentClose: 'cancel' });
  const parent = durable('parent', { version: 2 }).childWorkflow('child', between, undefined, {
    parentClose: 'terminate',
  });
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [kid, between, parent] });
  const family = async (): Promise<string[]> => {
    const { id } = await runner.start('parent', null, { timeout: '1d' });
    await testing.drain();
    const [child] = (await runner.find(id, { children: true })).children;
    return [id, child.id, child.children[0].id];
  };
  const [terminated, canceled, late] = [await family(), await family(), await family()];
  const told = new Recorder(app);

  await runner.terminate(terminated[0]);
  await runner.cancel(canceled[0]);
  await testing.drain();
  await testing.advance('1d');

  const ended = told.of('durable.run.canceled').map(({ runId }) => runId);
  expect(ended.sort()).toEqual([...terminated, ...canceled, ...late.slice(1)].sort());
  expect(told.of('durable.run.canceled').find(({ runId }) => runId === late[2])).toMatchObject({
    ...{ workflow: 'kid', version: 1, reason: 'its parent ended' },
  });
  expect((await runner.explain(late[1])).summary).toContain('terminated, with nothing undone (its parent ended)');
});

// Covers: pause and unpause of runs and of workflows, as the engine obeys them. What the orders write:
// test/integration/storage/run-repair.spec.ts. That a claim stays cheap: test/integration/storage/claim-plan.spec.ts.
import { durable, WorkflowNotRegisteredError } from '../../../lib/index.js';
import { DurableApps, until } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

describe('a paused run', () => {
  it('finishes the step that it is at, and begins no other until it is unpaused', async () => {
    const gate = new Gate();
    const done: string[] = [];
    const plan = durable('order')
      .step('first', async () => {
        await gate.pass();
        done.push('first');
      })
      .step('second', () => void done.push('second'));
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('order');
    await gate.reached;
    await expect(runner.pause(run.id, { by: 'Ann' })).resolves.toEqual({ accepted: true, status: 'running' });
    gate.open();
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'pending', currentStep: 1, workerId: null });
    expect(done).toEqual(['first']);
    await testing.advance('1d');
    expect(done).toEqual(['first']);
    await expect(runner.unpause(run.id)).resolves.toEqual({ accepted: true, status: 'pending' });
    await testing.drain();
    expect(done).toEqual(['first', 'second']);
    expect(await run.snapshot()).toMatchObject({ status: 'completed', pausedAt: null });
  });

  it('stops between two iterations of a loop and two items of a forEach', async () => {
    let pauseAt = 2;
    const seen: number[] = [];
    const { runner, testing } = await apps.bootVirtual({
      workflows: [
        durable('loop').loop('count', (n: number, ctx) => step(n, ctx.runId), { maxIterations: 4, mapInput: () => 1 }),
        durable('each').forEach('pack', (n: number, ctx) => step(n, ctx.runId), { items: () => [1, 2, 3, 4] }),
      ],
    });
    async function step(n: number, runId: string): Promise<number> {
      seen.push(n);
      if (n === pauseAt) await runner.pause(runId);
      return n + 1;
    }
    for (const name of ['loop', 'each']) {
      seen.length = 0;
      pauseAt = 2;
      const run = await runner.start(name);
      await testing.drain();
      expect([name, seen]).toEqual([name, [1, 2]]);
      pauseAt = 0;
      await runner.unpause(run.id);
      await testing.drain();
      expect([name, seen]).toEqual([name, [1, 2, 3, 4]]);
      expect(await run.snapshot()).toMatchObject({ status: 'completed' });
    }
  });

  it('keeps its timers, and the signals that come meanwhile', async () => {
    const plan = durable('wait').sleep('rest', '1h').waitForSignal('approval', 'approved', { timeout: '1d' });
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('wait');
    await testing.drain();
    await runner.pause(run.id);
    await testing.advance('2h');
    expect(await run.snapshot()).toMatchObject({
      status: 'suspended',
      currentStep: 0,
      wakeAt: new Date('2030-01-01T01:00:00Z'),
    });
    await expect(run.signal('approved', 'yes')).resolves.toMatchObject({ accepted: false });
    await runner.unpause(run.id);
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'completed', result: { approval: 'yes' } });
  });

  it('takes a signal that its wait was woken by, once it is unpaused', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [durable('wait').waitForSignal('go', 'go')] });
    const run = await runner.start('wait');
    await testing.drain();
    await runner.pause(run.id);
    await expect(run.signal('go', 1)).resolves.toMatchObject({ accepted: true });
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'suspended' });
    await runner.unpause(run.id);
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'completed', result: { go: 1 } });
  });

  it('stops between two undos', async () => {
    const undone: string[] = [];
    const plan = durable('undo')
      .step('a', () => 1, { compensate: () => void undone.push('a') })
      .step('b', () => 1, {
        compensate: async (ctx) => {
          undone.push('b');
          await runner.pause(ctx.runId);
        },
      })
      .step('c', () => Promise.reject(new Error('no')), { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('undo');
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'compensating', workerId: null });
    expect(undone).toEqual(['b']);
    await runner.unpause(run.id);
    await testing.drain();
    expect(undone).toEqual(['b', 'a']);
    expect(await run.snapshot()).toMatchObject({ status: 'failed' });
  });

  it('is ended by a cancel, which lifts the pause', async () => {
    const undone: string[] = [];
    const plan = durable('order')
      .step('charge', () => 1, { compensate: () => void undone.push('charge') })
      .waitForSignal('go', 'go');
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('order');
    await testing.drain();
    await runner.pause(run.id);
    await run.cancel('enough', { by: 'Bob' });
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'canceled' });
    expect(undone).toEqual(['charge']);
    expect((await runner.operations(run.id)).map(({ action, by }) => [action, by])).toEqual([
      ['pause', null],
      ['cancel', 'Bob'],
    ]);
  });
});

describe('a paused workflow', () => {
  const log: string[] = [];
  afterEach(() => log.splice(0));
  const version = (number: number, name = 'order') =>
    durable(name, { version: number }).step('work', () => void log.push(`${name}@${number}`));

  it('begins no run, not even one that is started in a process with a free slot', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [version(1), version(1, 'other')] });
    await expect(runner.pause({ workflow: 'order' }, { by: 'Ann', reason: 'a bug' })).resolves.toEqual({
      accepted: true,
    });
    const run = await runner.start('order');
    expect(run.status).toBe('pending');
    await runner.start('other');
    await testing.drain();
    expect(log).toEqual(['other@1']);
    expect(await runner.pauses()).toMatchObject([{ workflow: 'order', version: null, by: 'Ann', reason: 'a bug' }]);
    await expect(runner.unpause({ workflow: 'order' })).resolves.toEqual({ accepted: true });
    await expect(runner.unpause({ workflow: 'order' })).resolves.toEqual({ accepted: false });
    await testing.drain();
    expect(log).toEqual(['other@1', 'order@1']);
  });

  it('may be paused in one version only', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [version(1), version(2)] });
    await runner.pause({ workflow: 'order', version: 1 });
    await runner.start('order', null, { version: 1 });
    await runner.start('order', null, { version: 2 });
    await testing.drain();
    expect(log).toEqual(['order@2']);
    await runner.unpause({ workflow: 'order' });
    await testing.drain();
    expect(log).toEqual(['order@2', 'order@1']);
  });

  it('lets the runs go that are held, in every process', async () => {
    const gate = new Gate();
    const plan = (): ReturnType<typeof durable> =>
      durable('long')
        .step('first', () => gate.pass())
        .step('second', () => void log.push('second'));
    const [one, two] = [await apps.boot({ workflows: [plan()] }), await apps.boot({ worker: false })];
    const run = await one.runner.start('long');
    await gate.reached;
    await two.runner.pause({ workflow: 'long' });
    // The notification tells the other process; were it lost, the next renewal of its lease would.
    await until(
      () => one.engine.worker!.lookForPauses().then(() => true),
      (known) => known,
    );
    gate.open();
    const { status } = await until(
      () => run.snapshot(),
      (snapshot) => snapshot.workerId === null,
    );
    expect([status, log]).toEqual(['pending', []]);
    await two.runner.unpause({ workflow: 'long' });
    await run.result({ timeout: '60s' });
    expect(log).toEqual(['second']);
  });

  it('may be given as its class or builder, which stands for one version', async () => {
    const first = version(1);
    const { runner } = await apps.bootVirtual({ workflows: [first, version(2)] });
    await expect(runner.pause(first, { by: 'Ann' })).resolves.toEqual({ accepted: true });
    expect(await runner.pauses()).toMatchObject([{ workflow: 'order', version: 1, by: 'Ann' }]);
    await expect(runner.unpause(first)).resolves.toEqual({ accepted: true });
    expect(await runner.pauses()).toEqual([]);
    await expect(runner.pause(null as never)).rejects.toThrow('Invalid option workflow: got null');
  });

  it('must be one that is known', async () => {
    const { runner } = await apps.bootVirtual({ workflows: [version(1)] });
    await expect(runner.pause({ workflow: 'odrer' })).rejects.toBeInstanceOf(WorkflowNotRegisteredError);
    await expect(runner.pause({ workflow: 'order', version: 9 })).rejects.toBeInstanceOf(WorkflowNotRegisteredError);
    expect(await runner.pauses()).toEqual([]);
  });
});

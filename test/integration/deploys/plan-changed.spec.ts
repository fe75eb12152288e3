/**
 * Covers what becomes of runs in flight when the code of their version has changed: which go on, which stand still, and
 * that these go on by fitting code. What counts as a difference is in test/unit/definition/compare-plans.spec.ts, two
 * processes during a rolling deploy in rolling-deploy.spec.ts.
 */
import { durable, type DurableWorkflow } from '../../../lib/index.js';
import { DurableTesting } from '../../../lib/testing/index.js';
import { Deploys } from '../../support/deploys.js';
import { Gate } from '../../support/gate.js';

const deploys = new Deploys();
const { apps, log } = deploys;
const step = (name: string) => deploys.step(name);
const deploy = (...workflows: DurableWorkflow[]) => deploys.deploy(...workflows);

/** Nodes of `order` as the first deploy has them. */
const order = (version = 1): DurableWorkflow =>
  durable('order', { version })
    .step('charge', step('charge'), { compensate: step('refund') })
    .waitForSignal('approval', 'approved')
    .step('ship', step('ship'));

/** The same with a node renamed that every run passes first. */
const renamed = (): DurableWorkflow =>
  durable('order')
    .step('pay', step('pay'), { compensate: step('refund') })
    .waitForSignal('approval', 'approved')
    .step('ship', step('ship'));

describe('a run that has passed a renamed node', () => {
  /** A run of the first code that waits, and has got what it waits for; no process lives. */
  async function waitingRun(): Promise<string> {
    const id = await deploys.parked([order()], (runner) => runner.start('order', null, { timeout: '30d' }));
    await deploys.signalAlone(id, 'approved', 'yes');
    return id;
  }

  it('stands still with the difference as its error, and nothing of it is executed', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    const run = await changed.runner.find(id);
    expect(run).toMatchObject({ status: 'suspended', currentStep: 1, wakeAt: null, results: { charge: 'charge' } });
    expect(run.error).toEqual({
      name: 'PlanChangedError',
      code: 'DURABLE_PLAN_CHANGED',
      message:
        `Run ${id} cannot go on: workflow "order" version 1 changed under it: node 1 was "charge" (step) and is now ` +
        '"pay" (step). Deploy the former plan again, and give changed plans a new version.',
      data: {
        registered: renamed().hash,
        differences: [
          {
            change: 'renamed',
            node: 'charge',
            index: 0,
            text: 'node 1 was "charge" (step) and is now "pay" (step)',
          },
        ],
      },
    });
    expect(log).toEqual(['charge']);
  });

  it('is told of in the log, once for all that stand still for the same reason', async () => {
    const first = await deploy(order());
    const runs = await first.runner.startMany('order', [1, 2, 3]);
    await first.testing.drain();
    await first.end();
    for (const { id } of runs) await deploys.signalAlone(id, 'approved');
    const changed = await deploy(renamed());
    await changed.testing.drain();
    expect(apps.log.lines.filter((line) => line.startsWith('error'))).toEqual([
      'error Workflow "order" version 1 changed under runs in flight, which stand still: node 1 was "charge" (step) and is ' +
        'now "pay" (step). Deploy the former plan again, or move them with migrate().',
    ]);
  });

  it('is not taken again by that code, counts no delivery, and does not time out', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    const stopped = await apps.runRow(id);
    await changed.advance('40d');
    expect(await apps.runRow(id)).toEqual(stopped);
    expect(stopped).toMatchObject({ deliveries: 0, worker_id: null, plan_hash: order().hash });
  });

  it('goes on by itself when a process with its own code is back', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await changed.end();
    const fixed = await deploy(order());
    await fixed.testing.drain();
    await expect(fixed.runner.find(id)).resolves.toMatchObject({
      status: 'completed',
      error: null,
      result: { charge: 'charge', approval: 'yes', ship: 'ship' },
    });
    expect(log).toEqual(['charge', 'ship']);
  });

  it('goes on within a lease by a process with its own code that has never ended', async () => {
    const gate = new Gate();
    const busy = durable('busy').step('wait', () => gate.pass());
    const former = await deploys.deployWith({ worker: { concurrency: 1 } }, order(), busy);
    const run = await former.runner.start('order');
    await former.testing.drain();
    await former.runner.start('busy');
    await gate.reached;
    const changed = await deploy(renamed());
    await run.signal('approved', 'yes');
    await changed.testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ error: { code: 'DURABLE_PLAN_CHANGED' } });
    gate.open();
    const both = DurableTesting.of(changed.app.moduleRef, former.app.moduleRef);
    await both.advance('1m');
    await both.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'completed', error: null });
    expect(log).toEqual(['charge', 'ship']);
  });

  it('is put back when somebody made it due and did not take it', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await apps.sql(`update durable.run set due_at = '2030-01-01T00:00:00Z' where id = $1`, [id]);
    const { epoch } = await apps.runRow(id);
    await changed.advance('1m');
    expect(await apps.runRow(id)).toMatchObject({ due_at: null, epoch, status: 'suspended' });
  });

  it('is one of many that go on, more than the worker has slots', async () => {
    const first = await deploy(order());
    const runs = await first.runner.startMany(
      'order',
      Array.from({ length: 7 }, (_, index) => index),
    );
    await first.testing.drain();
    await first.end();
    for (const { id } of runs) await deploys.signalAlone(id, 'approved');
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await changed.end();
    const fixed = await deploys.deployWith({ worker: { concurrency: 2 } }, order());
    await fixed.testing.drain();
    await expect(fixed.runner.list({ status: 'completed' })).resolves.toHaveLength(7);
  });

  it('is not woken by further signals', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await expect(changed.runner.signal(id, 'approved', 'no')).resolves.toEqual({
      accepted: false,
      status: 'suspended',
    });
    await changed.testing.drain();
    await expect(changed.runner.find(id)).resolves.toMatchObject({ status: 'suspended', wakeAt: null });
  });

  it('can be canceled by that code where nothing is to be undone', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await changed.runner.cancel(id, 'never mind', { compensate: false });
    await changed.testing.drain();
    await expect(changed.runner.find(id)).resolves.toMatchObject({ status: 'canceled', error: null });
    expect(log).toEqual(['charge']);
  });

  it('is canceled by its own code where something is', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await changed.runner.cancel(id, 'never mind');
    await changed.testing.drain();
    await expect(changed.runner.find(id)).resolves.toMatchObject({
      status: 'compensating',
      error: { code: 'DURABLE_PLAN_CHANGED' },
    });
    const { epoch } = await apps.runRow(id);
    await changed.advance('1h');
    expect(await apps.runRow(id)).toMatchObject({ epoch, due_at: null });
    await changed.end();
    const fixed = await deploy(order());
    await fixed.testing.drain();
    await expect(fixed.runner.find(id)).resolves.toMatchObject({ status: 'canceled', error: null });
    expect(log).toEqual(['charge', 'refund']);
  });

  it('stands still once more by a third code, which says its own difference', async () => {
    const id = await waitingRun();
    const changed = await deploy(renamed());
    await changed.testing.drain();
    await changed.end();
    const third = await deploy(durable('order').waitForSignal('approval', 'approved').step('ship', step('ship')));
    await third.testing.drain();
    const { error } = await third.runner.find(id);
    expect(error).toMatchObject({ data: { differences: [{ change: 'removed', node: 'charge' }] } });
    expect(error!.cause).toBeUndefined();
  });
});

describe('a run whose plan changed ahead of it', () => {
  it('goes on by the new plan, and is tied to that one', async () => {
    const first = await deploy(order());
    const run = await first.runner.start('order');
    await first.testing.drain();
    await first.end();
    const appended = (): DurableWorkflow => order().waitForSignal('receipt', 'received').step('thank', step('thank'));
    const second = await deploy(appended());
    await second.runner.signal(run.id, 'approved');
    await second.testing.drain();
    await expect(second.runner.find(run.id)).resolves.toMatchObject({
      status: 'suspended',
      currentStep: 3,
      totalSteps: 5,
      error: null,
    });
    expect(await apps.runRow(run.id)).toMatchObject({ plan_hash: appended().hash });
    await second.end();
    await deploys.signalAlone(run.id, 'received');

    // The first code is back: the run is in a node that this code does not have.
    const back = await deploy(order());
    await back.testing.drain();
    await expect(back.runner.find(run.id)).resolves.toMatchObject({
      status: 'suspended',
      error: { data: { differences: [{ text: 'node 4, "receipt" (waitForSignal), was removed' }] } },
    });
    await back.end();
    const again = await deploy(appended());
    await again.testing.drain();
    await expect(again.runner.find(run.id)).resolves.toMatchObject({ status: 'completed' });
    expect(log).toEqual(['charge', 'ship', 'thank']);
  });

  it('takes any plan of its version while nobody has begun it', async () => {
    const first = await deploy(order());
    const run = await first.runner.start('order', null, { delay: '1h' });
    await first.end();
    const second = await deploy(durable('order').step('other', step('other')));
    await second.advance('1h');
    await expect(second.runner.find(run.id)).resolves.toMatchObject({ status: 'completed', totalSteps: 1 });
    expect(log).toEqual(['other']);
  });

  it('executes a branch that was added to the group that it is in, and stands still without it then', async () => {
    const group = (...names: string[]): DurableWorkflow =>
      durable('group').parallel('all', [
        ...names.map((name) => ({ name, handler: step(name), compensate: step(`undo ${name}`) })),
        { name: 'bad', handler: () => Promise.reject(new Error('no')), maxAttempts: 3, backoff: () => 60 },
      ]);
    const first = await deploy(group('one'));
    const run = await first.runner.start('group');
    await first.testing.drain();
    await first.end();
    const second = await deploy(group('one', 'two'));
    await second.advance('1m');
    expect(await apps.runRow(run.id)).toMatchObject({ plan_hash: group('one', 'two').hash });
    await second.end();
    // Without the branch that is done now, nothing would undo it.
    const third = await deploy(group('one'));
    await third.advance('1m');
    await expect(third.runner.find(run.id)).resolves.toMatchObject({
      error: { data: { differences: [{ change: 'branch', node: 'all' }] } },
    });
    await third.end();
    const fourth = await deploy(group('one', 'two'));
    await fourth.testing.drain();
    await expect(fourth.runner.find(run.id)).resolves.toMatchObject({ status: 'failed' });
    expect(log).toEqual(['one', 'two', 'undo two', 'undo one']);
  });
});

describe('a run in compensation', () => {
  const failing = (options: { compensate?: () => unknown }, last: () => unknown): DurableWorkflow =>
    durable('saga')
      .step('reserve', step('reserve'), { compensate: step('release') })
      .step('charge', step('charge'), options)
      .step('ship', last, { maxAttempts: 1 });
  const boom = (): never => {
    throw new Error('no truck');
  };

  it('stands still when an undo that it owes is gone, keeps why it failed, and is undone by fitting code', async () => {
    const refund = (): never => {
      throw new Error('bank away');
    };
    const first = await deploy(failing({ compensate: refund }, boom));
    const run = await first.runner.start('saga');
    await first.testing.drain();
    await expect(run.snapshot()).resolves.toMatchObject({ status: 'compensating', error: { message: 'no truck' } });
    await first.end();

    const changed = await deploy(failing({}, boom));
    await changed.advance('1m');
    await expect(changed.runner.find(run.id)).resolves.toMatchObject({
      status: 'compensating',
      wakeAt: null,
      error: {
        code: 'DURABLE_PLAN_CHANGED',
        cause: { message: 'no truck' },
        data: { differences: [{ text: '"charge" is done in this run, and what undoes it was removed' }] },
      },
    });
    expect(log).toEqual(['reserve', 'charge']);
    await changed.end();

    const fixed = await deploy(failing({ compensate: step('refund') }, boom));
    await fixed.testing.drain();
    await expect(fixed.runner.find(run.id)).resolves.toMatchObject({
      status: 'failed',
      error: { message: 'no truck', name: 'Error' },
    });
    expect(log).toEqual(['reserve', 'charge', 'refund', 'release']);
  });
});

describe('what surrounds it', () => {
  it('stops a run whose own plan is not stored, whatever the code', async () => {
    const first = await deploy(order());
    const run = await first.runner.start('order');
    await first.testing.drain();
    await first.end();
    await deploys.signalAlone(run.id, 'approved');
    await apps.sql('delete from durable.definition');
    const changed = await deploy(order().step('more', step('more')));
    await changed.testing.drain();
    const { error } = await changed.runner.find(run.id);
    expect(error).toMatchObject({ data: { differences: [{ change: 'unknown', node: null }] } });
  });

  it('tells children of a changed parent that it ends, whatever the node is called now', async () => {
    const child = durable('child').waitForSignal('wait', 'never');
    const parent = (name: string): DurableWorkflow => durable('parent').childWorkflow(name, 'child');
    const first = await deploy(child, parent('old'));
    const run = await first.runner.start('parent');
    await first.testing.drain();
    await first.end();
    const second = await deploy(child, parent('new'));
    await second.runner.cancel(run.id, undefined, { compensate: false });
    await second.testing.drain();
    const { status, children } = await second.runner.find(run.id, { children: true });
    expect({ status, children: children.map((one) => one.status) }).toEqual({
      status: 'canceled',
      children: ['canceled'],
    });
  });

  it('runs versions side by side, each by its own code', async () => {
    const first = await deploy(order(1));
    const one = await first.runner.start('order');
    await first.testing.drain();
    await first.end();
    const two = (): DurableWorkflow => durable('order', { version: 2 }).step('invoice', step('invoice'));
    const both = await deploy(order(1), two());
    const other = await both.runner.start('order');
    await both.runner.signal(one.id, 'approved');
    await both.testing.drain();
    await expect(both.runner.find(one.id)).resolves.toMatchObject({ version: 1, status: 'completed' });
    await expect(both.runner.find(other.id)).resolves.toMatchObject({ version: 2, status: 'completed' });
    expect(log).toEqual(['charge', 'invoice', 'ship']);
  });

  it('leaves runs alone whose version nobody registers, and keeps them readable', async () => {
    const first = await deploy(order(1));
    const run = await first.runner.start('order');
    await first.testing.drain();
    await first.end();
    await deploys.signalAlone(run.id, 'approved', 'yes');
    const second = await deploy(durable('order', { version: 2 }).step('invoice', step('invoice')));
    await second.advance('1h');
    await expect(second.runner.find(run.id, { journal: true })).resolves.toMatchObject({
      status: 'suspended',
      currentStep: 1,
      totalSteps: 3,
      results: { charge: 'charge' },
      error: null,
      journal: [{ key: 'charge' }, { key: 'wait:approval' }],
    });
    const plan = await second.runner.plan('order', 1);
    expect(plan.nodes.map(({ name }) => name)).toEqual(['charge', 'approval', 'ship']);
    expect(plan.hash).toBe(order(1).hash);
    expect(plan.mermaid).toContain('flowchart TD');
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

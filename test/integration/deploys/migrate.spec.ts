/**
 * Covers moving runs to another version, or to the changed plan of their own. Where a run is in the other plan, and why it
 * cannot be moved, is in test/unit/definition/relocate-run.spec.ts.
 */
import { durable, type DurableWorkflow } from '../../../lib/index.js';
import { Deploys } from '../../support/deploys.js';
import { Gate } from '../../support/gate.js';

const deploys = new Deploys();
const { apps, log } = deploys;
const step = (name: string) => deploys.step(name);

const order = (): DurableWorkflow =>
  durable('order')
    .step('charge', step('charge'), { compensate: step('refund') })
    .forEach('pack', (line: number) => step(`pack ${line}`)(), { items: () => [1, 2] })
    .waitForSignal('approval', 'approved')
    .step('ship', step('ship'));

const second = (): DurableWorkflow =>
  durable('order', { version: 2 })
    .step('pay', step('pay'), { compensate: step('pay back') })
    .forEach('wrap', (line: number) => step(`wrap ${line}`)(), { items: () => [] })
    .waitForSignal('consent', 'approved')
    .step('label', step('label'))
    .step(
      'ship',
      () => {
        throw new Error('no truck');
      },
      { maxAttempts: 1 },
    );

const map = { charge: 'pay', pack: 'wrap', approval: 'consent' };

/** A run of `order` that waits for its approval; no process lives. */
const waiting = (): Promise<string> => deploys.parked([order()], (runner) => runner.start('order', { id: 1 }));

it('moves a parked run with its journal, its wait and what is to be undone, under the names of the other version', async () => {
  const id = await waiting();
  const { runner, testing } = await deploys.deploy(order(), second());
  const before = await runner.find(id);
  const from = { version: 1, planHash: order().hash, currentStep: 2 };
  const to = { version: 2, planHash: second().hash, currentStep: 2 };
  await expect(
    runner.migrate({ workflow: 'order', version: 1 }, { to: 2, map, by: 'Ann', reason: 'ticket 7' }),
  ).resolves.toEqual([{ runId: id, outcome: 'moved', reasons: [], from, to }]);

  expect(await apps.journalKeys(id)).toEqual(['pay', 'items:wrap', 'wrap#0', 'wrap#1', 'wrap', 'wait:consent']);
  const moved = await runner.find(id);
  expect(moved).toMatchObject({
    version: 2,
    status: 'suspended',
    totalSteps: 5,
    awaitingSignal: 'approved',
    results: { pay: 'charge', wrap: ['pack 1', 'pack 2'] },
  });
  expect(moved.epoch).toBe(before.epoch + 1);
  await expect(runner.operations(id)).resolves.toMatchObject([
    {
      action: 'migrate',
      by: 'Ann',
      reason: 'ticket 7',
      before: { version: 1, planHash: from.planHash, cursor: 2 },
      after: { version: 2, planHash: to.planHash, cursor: 2, renames: Object.entries(map) },
    },
  ]);

  await runner.signal(id, 'approved', 'yes');
  await testing.drain();
  await expect(runner.find(id)).resolves.toMatchObject({ status: 'failed', results: { consent: 'yes' } });
  expect(log).toEqual(['charge', 'pack 1', 'pack 2', 'label', 'pay back']);
});

it('says what it would do, and touches nothing, in a dry run', async () => {
  const id = await waiting();
  const { runner } = await deploys.deployWith({ worker: false }, order(), second());
  const before = await apps.runRow(id);
  await expect(runner.migrate({ workflow: order() }, { to: second(), map, dryRun: true })).resolves.toMatchObject([
    { runId: id, outcome: 'movable', to: { version: 2, currentStep: 2 } },
  ]);
  expect(await apps.runRow(id)).toEqual(before);
  expect(await apps.journalKeys(id)).toContain('charge');
  await expect(runner.operations(id)).resolves.toEqual([]);
});

it('refuses run by run, with the reasons, and moves the others', async () => {
  const early = await deploys.parked([order()], (runner) => runner.start('order', null, { delay: '1d' }));
  const late = await waiting();
  const { runner } = await deploys.deployWith({ worker: false }, order(), second());
  await expect(runner.migrate({ workflow: 'order' }, { to: 2 })).resolves.toMatchObject([
    { runId: early, outcome: 'moved', to: { version: 2, currentStep: 0 } },
    {
      runId: late,
      outcome: 'refused',
      to: null,
      reasons: [
        '"charge", which this run has passed, is not in version 2',
        '"pack", which this run has passed, is not in version 2',
        '"approval", which this run is in, is not in version 2',
      ],
    },
  ]);
  // What is there already is no candidate.
  await expect(runner.migrate({ workflow: 'order' }, { to: 2 })).resolves.toMatchObject([{ runId: late }]);
  await expect(apps.runRow(late)).resolves.toMatchObject({ version: 1 });
});

it('moves only the runs that the filter names', async () => {
  const [one, other] = [await waiting(), await waiting()];
  const { runner } = await deploys.deployWith({ worker: false }, order(), second());
  await expect(runner.migrate({ workflow: 'order', runIds: [other] }, { to: 2, map })).resolves.toMatchObject([
    { runId: other },
  ]);
  await expect(runner.migrate({ workflow: 'order', version: 3 }, { to: 2, map })).resolves.toEqual([]);
  await expect(runner.migrate({ workflow: 'order', planHash: 'other' }, { to: 2, map })).resolves.toEqual([]);
  await expect(runner.migrate({ workflow: 'another' }, { to: 2, map })).rejects.toThrow(
    'Workflow "another" version 2 is not registered',
  );
  expect((await runner.find(one)).version).toBe(1);
});

it('sets a stopped run going by the changed plan of its own version', async () => {
  const id = await waiting();
  await deploys.signalAlone(id, 'approved', 'yes');
  const renamed = durable('order')
    .step('pay', step('pay'), { compensate: step('pay back') })
    .forEach('pack', (line: number) => step(`pack ${line}`)(), { items: () => [] })
    .waitForSignal('approval', 'approved')
    .step('ship', step('ship'));
  const { runner, testing } = await deploys.deploy(renamed);
  await testing.drain();
  await expect(runner.find(id)).resolves.toMatchObject({ error: { code: 'DURABLE_PLAN_CHANGED' } });
  await expect(runner.migrate({ workflow: 'order' }, { to: 1, map: { charge: 'pay' } })).resolves.toMatchObject([
    { runId: id, outcome: 'moved', to: { version: 1, planHash: renamed.hash, currentStep: 2 } },
  ]);
  await testing.drain();
  await expect(runner.find(id)).resolves.toMatchObject({
    status: 'completed',
    error: null,
    result: { pay: 'charge', pack: ['pack 1', 'pack 2'], approval: 'yes', ship: 'ship' },
  });
});

it('lets two nodes change names', async () => {
  const twins = (...names: readonly string[]): DurableWorkflow => {
    const [first = '', next = ''] = names;
    return durable('twins').step(first, step('1')).step(next, step('2')).waitForSignal('wait', 'go');
  };
  const id = await deploys.parked([twins('a', 'b')], (runner) => runner.start('twins'));
  const { runner } = await deploys.deployWith({ worker: false }, twins('b', 'a'));
  await runner.migrate({ workflow: 'twins' }, { to: 1, map: { a: 'b', b: 'a' } });
  await expect(runner.find(id)).resolves.toMatchObject({ results: { a: '2', b: '1' } });
});

it('renames the node by which a child is known, and its end wakes the parent', async () => {
  const child = durable('child').waitForSignal('go', 'go');
  const parent = (name: string, version: number): DurableWorkflow =>
    durable('parent', { version }).step('first', step('first')).childWorkflow(name, 'child');
  const id = await deploys.parked([child, parent('old', 1)], (runner) => runner.start('parent'));
  const { runner, testing } = await deploys.deploy(child, parent('new', 2));
  await runner.migrate({ workflow: 'parent' }, { to: 2, map: { old: 'new' } });
  const [born] = (await runner.find(id, { children: true })).children;
  expect(await apps.runRow(born.id)).toMatchObject({ parent_key: 'new' });
  await runner.signal(born.id, 'go', 'gone');
  await testing.drain();
  await expect(runner.find(id)).resolves.toMatchObject({ status: 'completed', result: { new: { go: 'gone' } } });
});

it('leaves a run alone that a worker holds', async () => {
  const gate = new Gate();
  const busy = (version: number): DurableWorkflow => durable('busy', { version }).step('wait', () => gate.pass());
  const { runner, testing } = await deploys.deploy(busy(1), busy(2));
  const { id } = await runner.start('busy', null, { version: 1 });
  await gate.reached;
  await expect(runner.migrate({ workflow: 'busy' }, { to: 2 })).resolves.toMatchObject([
    { runId: id, outcome: 'refused', reasons: ['a worker holds it: call again once it is parked, or pause it first'] },
  ]);
  gate.open();
  await testing.drain();
  await expect(runner.find(id)).resolves.toMatchObject({ version: 1, status: 'completed' });
});

it('leaves a run alone that changed while it was being looked at', async () => {
  const id = await waiting();
  const { app, runner } = await deploys.deployWith({ worker: false }, order(), second());
  const { plans } = app.engine;
  const read = plans.movable.bind(plans);
  plans.movable = async (filter) => {
    const found = await read(filter);
    await apps.sql('update durable.run set epoch = epoch + 1 where id = $1', [id]);
    return found;
  };
  await expect(runner.migrate({ workflow: 'order' }, { to: 2, map })).resolves.toMatchObject([
    { outcome: 'refused', reasons: ['something happened to it meanwhile: call again'] },
  ]);
  expect(await apps.journalKeys(id)).toContain('charge');
});

it('makes a late write of the last holder count for nothing', async () => {
  const id = await waiting();
  const { epoch } = await apps.runRow(id);
  const { runner } = await deploys.deployWith({ worker: false }, order(), second());
  await runner.migrate({ workflow: 'order' }, { to: 2, map });
  expect(await apps.runRow(id)).toMatchObject({ epoch: (epoch as number) + 1, version: 2 });
});

it('goes through any number of runs', async () => {
  await deploys.parked([order()], async (runner) => {
    const inputs = Array.from({ length: 450 }, (_, index) => index);
    const runs = await runner.startMany('order', inputs, { delay: '1d' });
    return runs[0];
  });
  const { runner } = await deploys.deployWith({ worker: false }, order(), second());
  const results = await runner.migrate({ workflow: 'order' }, { to: 2 });
  expect(new Set(results.map(({ runId }) => runId)).size).toBe(450);
  expect(results.every(({ outcome }) => outcome === 'moved')).toBe(true);
});

it('refuses what cannot be meant', async () => {
  const { runner } = await deploys.deployWith({ worker: false }, order(), second(), durable('other').sleep('s', 1));
  await expect(runner.migrate({ workflow: 'order' }, { to: 2, map: { charge: 'pya' } })).rejects.toThrow(
    'Invalid option map.charge: got "pya", expected a node of version 2: pay, wrap, consent, label, ship.',
  );
  await expect(runner.migrate({ workflow: 'order' }, { to: durable('other') })).rejects.toThrow(
    'Invalid option to: got workflow "other", expected a version of workflow "order": a run keeps its workflow.',
  );
  await expect(runner.migrate({ workflow: 'order' }, { to: 3 })).rejects.toThrow('version 3 is not registered');
  await expect(runner.migrate({ workflow: 'order', runIds: ['x'] }, { to: 2 })).rejects.toThrow('x');
});

/** Covers what `checkPlans` says of runs in flight, in every state, and that it touches nothing. */
import { durable, type DurableWorkflow, type PlanCheck } from '../../../lib/index.js';
import { Deploys } from '../../support/deploys.js';

const deploys = new Deploys();
const { apps } = deploys;
const step = (name: string) => deploys.step(name);

const order = (): DurableWorkflow =>
  durable('order').step('charge', step('charge')).waitForSignal('approval', 'approved').step('ship', step('ship'));

/** What stands in every check besides what a test is about. */
const brief = (checks: readonly PlanCheck[]) =>
  checks.map(({ workflow, version, verdict, currentNode, runs, stopped, differences }) => {
    return { workflow, version, verdict, currentNode, runs, stopped, differences: differences.map(({ text }) => text) };
  });

it('counts runs by plan and place, and says what becomes of each group', async () => {
  const shipment = durable('shipment').sleep('wait', '1d');
  const ids = await seeded();
  const renamed = durable('order')
    .step('pay', step('pay'))
    .waitForSignal('approval', 'approved')
    .step('ship', step('ship'));
  const longer = durable('refund').sleep('wait', '1d').step('more', step('more'));
  const { runner } = await deploys.deployWith({ worker: false }, renamed, longer, shipment);
  const before = await apps.sql('select * from durable.run order by id');
  const checks = await runner.checkPlans();
  expect(brief(checks)).toEqual([
    { ...group('gone', 'sleep'), verdict: 'notRegistered', runs: 1 },
    { ...group('order', 'charge'), verdict: 'goesOn', runs: 1 },
    {
      ...group('order', 'approval'),
      verdict: 'stops',
      runs: 3,
      differences: ['node 1 was "charge" (step) and is now "pay" (step)'],
    },
    { ...group('refund', 'wait'), verdict: 'goesOn', runs: 1 },
    { ...group('shipment', 'wait'), verdict: 'unchanged', runs: 1 },
  ]);
  expect(checks[2]).toMatchObject({
    planHash: order().hash,
    registeredHash: renamed.hash,
    currentStep: 1,
    sample: [ids[0], ids[2]],
    differences: [{ change: 'renamed', node: 'charge', index: 0 }],
  });
  expect(await apps.sql('select * from durable.run order by id')).toEqual(before);

  async function seeded(): Promise<string[]> {
    const started: string[] = [];
    const plans = [order(), shipment, durable('refund').sleep('wait', '1d'), durable('gone').sleep('sleep', '1d')];
    await deploys.parked(plans, async (runner) => {
      for (let count = 0; count < 3; count++) started.push((await runner.start('order')).id);
      await runner.start('order', null, { delay: '1d' });
      for (const name of ['shipment', 'refund', 'gone']) await runner.start(name);
      return { id: started[0] };
    });
    return started;
  }
});

it('tells apart by their journals what only differs there', async () => {
  const choice = (...names: readonly string[]): DurableWorkflow =>
    durable('choice')
      .step('book', step('book'), names.length > 1 ? { compensate: step('cancel') } : {})
      .route('way', (ctx) => ctx.input as string, Object.fromEntries(names.map((name) => [name, step(name)])))
      .sleep('rest', '1d');
  await deploys.parked([choice('train', 'plane')], async (runner) => {
    const runs = await runner.startMany('choice', ['train', 'plane', 'plane', 'train', 'train']);
    return runs[0];
  });
  const withoutPlane = durable('choice')
    .step('book', step('book'), { compensate: step('cancel') })
    .route('way', () => 'train', { train: step('train') })
    .sleep('rest', '1d');
  const { runner, end } = await deploys.deployWith({ worker: false }, withoutPlane);
  expect(brief(await runner.checkPlans())).toEqual([
    {
      ...group('choice', 'rest'),
      verdict: 'stops',
      runs: 2,
      differences: ['node 2, "way", has no branch "plane" any more, which this run has taken'],
    },
    { ...group('choice', 'rest'), verdict: 'goesOn', runs: 3 },
  ]);
  await end();

  const { runner: other } = await deploys.deployWith({ worker: false }, choice('train'));
  expect(brief(await other.checkPlans())).toMatchObject([
    {
      runs: 2,
      differences: ['"book" is done in this run, and what undoes it was removed', expect.stringContaining('plane')],
    },
    { runs: 3, differences: ['"book" is done in this run, and what undoes it was removed'] },
  ]);
});

it('agrees with what happens to each run then', async () => {
  const id = await deploys.parked([order()], (runner) => runner.start('order'));
  await deploys.signalAlone(id, 'approved');
  const shorter = durable('order').waitForSignal('approval', 'approved').step('ship', step('ship'));
  const { runner, testing } = await deploys.deploy(shorter);
  await testing.drain();
  expect(brief(await runner.checkPlans())).toEqual([
    {
      ...group('order', 'approval'),
      verdict: 'stops',
      runs: 1,
      stopped: 1,
      differences: ['node 1, "charge" (step), was removed'],
    },
  ]);
});

it('says so where a plan is not stored', async () => {
  await deploys.parked([order()], (runner) => runner.start('order'));
  await apps.sql('delete from durable.definition');
  const { runner } = await deploys.deployWith({ worker: false }, durable('order').sleep('x', 1));
  await expect(runner.checkPlans()).resolves.toMatchObject([
    { verdict: 'stops', currentNode: null, differences: [{ change: 'unknown' }] },
  ]);
});

it('says nothing where nothing is in flight', async () => {
  const { runner, testing } = await deploys.deploy(durable('quick').step('go', step('go')));
  await runner.start('quick');
  await testing.drain();
  await expect(runner.checkPlans()).resolves.toEqual([]);
});

function group(workflow: string, currentNode: string) {
  return { workflow, version: 1, currentNode, stopped: 0, differences: [] as string[] };
}

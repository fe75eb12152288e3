/*
 * Covers who has to be told when an order makes a parked run due: the worker of the same process, those of other queues,
 * and those of other processes once the order's transaction has committed. Nobody polls within a test, so each run ends by
 * being told, or not at all.
 */
import { durable } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';

const apps = new DurableApps();
const NO_POLLS = { pollInterval: '5m', leaseDuration: '10m' };
const PATIENCE = { timeout: '60s' } as const;

async function parkedRun(workflow: string): Promise<string> {
  const query = `select id from durable.run where workflow = '${workflow}' and status = 'suspended' and worker_id is null`;
  return eventually(`a parked run of ${workflow}`, async () => (await apps.sql<{ id: string }>(query))[0]?.id);
}

it('a child is canceled with its parent by the only process that there is', async () => {
  const child = durable('child').waitForSignal('approval', 'go');
  const parent = durable('parent').childWorkflow('child', 'child');
  const { runner } = await apps.boot({ workflows: [parent, child], worker: NO_POLLS });
  const run = await runner.start('parent');
  const childId = await parkedRun('child');
  await parkedRun('parent');
  await run.cancel();
  await expect(run.result(PATIENCE)).rejects.toThrow('canceled');
  await expect(runner.result(childId, PATIENCE)).rejects.toThrow('canceled');
});

it.each(['once', 'twice'])(
  'a run of another queue is canceled by a process that serves none, told %s',
  async (times) => {
    const waits = durable('waits').waitForSignal('approval', 'go');
    const { runner } = await apps.boot({ workflows: [waits], queue: 'elsewhere', worker: NO_POLLS });
    const web = await apps.boot({ worker: false });
    await runner.start('waits');
    const runId = await parkedRun('waits');
    await web.runner.cancel(runId);
    if (times === 'twice') await web.runner.cancel(runId);
    await expect(web.runner.result(runId, PATIENCE)).rejects.toThrow('canceled');
  },
);

it('a signal of a transaction wakes its run in another process if, and only if, it commits', async () => {
  const waits = durable('waits')
    .waitForSignal('approval', 'go')
    .step('after', (ctx) => ctx.results.approval);
  const worker = await apps.boot({ workflows: [waits], worker: NO_POLLS });
  const web = await apps.boot({ worker: false });
  const run = await worker.runner.start('waits');
  await parkedRun('waits');
  const parked = await apps.runRow(run.id);
  const ship = (amount: number, end: () => void): Promise<void> =>
    web.dataSource.transaction(async (manager) => {
      const sent = await web.runner.signal(run.id, 'go', { amount }, { manager });
      expect(sent).toEqual({ accepted: true, status: 'suspended' });
      end();
    });

  const rolledBack = ship(1, () => {
    throw new Error('out of stock');
  });
  await expect(rolledBack).rejects.toThrow('out of stock');
  expect(await apps.count('signal')).toBe(0);
  expect(await apps.runRow(run.id)).toEqual(parked);

  await ship(2, () => undefined);
  await expect(run.result(PATIENCE)).resolves.toEqual({ approval: { amount: 2 }, after: { amount: 2 } });
});

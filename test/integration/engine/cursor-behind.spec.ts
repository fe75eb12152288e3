// Covers runs whose cursor stands behind their journal: the last node was journaled, the run's end was refused because a
// signal had come in, and the process died then. What is journaled is not done again. Found by the soak (test/soak).
import { durable } from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';

const apps = new DurableApps();

/** What a crash leaves of a run that has journaled these rows, with its cursor at the second node. */
async function crashed(app: DurableApp, rows: readonly (readonly [key: string, kind: string, result: unknown])[]) {
  const { id } = await app.runner.start('walk', null, { delay: '1d' });
  for (const [position, [key, kind, result]] of rows.entries()) {
    await apps.sql(
      `insert into durable.journal (run_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
       values ($1, $2, $3, $4, 1, 1, 0, now(), $5)`,
      [id, key, kind, position, JSON.stringify(result)],
    );
  }
  await apps.sql(
    `update durable.run set status = 'running', epoch = 1, cursor = 1, worker_id = gen_random_uuid(), due_at = null,
            deliveries = 1 where id = $1`,
    [id],
  );
  return id;
}

it('leaves a signal alone that came when its wait had timed out already', async () => {
  const plan = durable('walk')
    .step('a', () => 1)
    .waitForSignal('g', 'go', { timeout: '1s' });
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const wait = { until: '2029-12-31T00:00:00Z', signals: ['go'] };
  const id = await crashed(app, [
    ['a', 'step', 1],
    ['wait:g', 'suspension', wait],
    ['g', 'signal', null],
  ]);
  await runner.signal(id, 'go', 'late');

  await runner.recover();
  await testing.drain();

  expect(await runner.find(id)).toMatchObject({ status: 'completed', results: { a: 1, g: null } });
  expect(await apps.sql('select consumed_by from durable.signal')).toEqual([{ consumed_by: null }]);
});

it('does not take the branch of a route again', async () => {
  let taken = 0;
  const plan = durable('walk')
    .step('a', () => 1)
    .route('r', () => 'x', { x: () => ++taken });
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const id = await crashed(app, [
    ['a', 'step', 1],
    ['r', 'decision', 'x'],
    ['r.x', 'branch', 7],
  ]);

  await runner.recover();
  await testing.drain();

  expect(await runner.find(id)).toMatchObject({ status: 'completed', results: { r: { branch: 'x', result: 7 } } });
  expect(taken).toBe(0);
});

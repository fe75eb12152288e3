// Covers: that the facts which explain is made of are gathered as they are, in states that a real engine brings about. What
// is said of each state: test/unit/runner/explain-run.spec.ts.
import { durable, RunNotFoundError } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

it('follows a run from node to node', async () => {
  const child = durable('child').waitForSignal('go', 'go');
  const plan = durable('all')
    .step('flaky', (ctx) => {
      if (ctx.attempt === 1) throw new Error('no carrier');
    })
    .sleep('rest', '1h')
    .waitForSignal('approval', 'approved', { timeout: '1d' })
    .step('think', (ctx) => ctx.resumeData() ?? { status: 'suspended' })
    .childWorkflow('shipment', 'child');
  const { runner, testing } = await apps.bootVirtual({ workflows: [child, plan] });

  const delayed = await runner.start('all', null, { delay: '1m', timeout: '30d' });
  expect(await runner.explain(delayed.id)).toMatchObject({
    ...{ reason: 'delayed', until: new Date('2030-01-01T00:01:00Z'), now: new Date('2030-01-01T00:00:00Z') },
    deadlineAt: new Date('2030-01-31T00:01:00Z'),
  });

  const run = await runner.start('all');
  await testing.drain();
  expect(await runner.explain(run.id)).toMatchObject({
    reason: 'waiting_for_retry',
    ...{ unit: 'flaky', failed: 1, maxAttempts: 3, until: new Date('2030-01-01T00:00:02Z') },
    error: { message: 'no carrier' },
  });
  await testing.advance('2s');
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'sleeping', until: new Date('2030-01-01T01:00:02Z') });
  await testing.advance('1h');
  expect(await runner.explain(run.id)).toMatchObject({
    ...{ reason: 'waiting_for_signal', signals: ['approved'], until: new Date('2030-01-02T01:00:02Z') },
    node: { name: 'approval', kind: 'waitForSignal', index: 2 },
  });
  await run.signal('approved');
  await testing.drain();
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'waiting_for_resume', node: { name: 'think' } });
  await run.resume('done');
  await testing.drain();
  const explanation = await runner.explain(run.id);
  expect(explanation).toMatchObject({
    reason: 'waiting_for_child',
    child: { workflowName: 'child', version: 1, status: 'suspended' },
  });
  const { child: link } = explanation as Extract<typeof explanation, { reason: 'waiting_for_child' }>;
  expect(await runner.explain(link.id)).toMatchObject({ reason: 'waiting_for_signal', signals: ['go'] });
  await runner.signal(link.id, 'go');
  await testing.drain();
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'ended', status: 'completed' });
});

it('names the worker that holds a run, and what an operator wants of it', async () => {
  const gate = new Gate();
  const plan = durable('slow').step('work', () => gate.pass());
  const { runner, testing, app } = await apps.bootVirtual({ workflows: [plan], worker: { id: 'w1' } });
  const run = await runner.start('slow');
  await gate.reached;
  const worker = { id: app.workerId, name: 'w1', pid: process.pid, heartbeatAgeMs: 0 };
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'held', worker });
  await runner.pause(run.id, { by: 'Ann', reason: 'a look' });
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'paused', by: 'Ann', pauseReason: 'a look', worker });
  await run.cancel('enough');
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'canceling', cancelReason: 'enough', worker });
  gate.open();
  await testing.drain();
  expect((await runner.explain(run.id)).summary).toBe(
    `Run ${run.id} of slow@1 was canceled (enough) at 2030-01-01T00:00:00.000Z.`,
  );
});

it('says what is missing for a run that is due', async () => {
  const plan = (version: number) => durable('order', { version }).step('work', () => gate.pass());
  const gate = new Gate();
  const { apps: both } = await apps.bootVirtual(
    { workflows: [plan(1)], worker: { concurrency: 1 } },
    { workflows: [plan(2), plan(3)], worker: false },
  );
  const { runner } = both[1];
  const explain = async (version: number, queue?: string) => {
    return runner.explain((await runner.start('order', null, { version, queue })).id);
  };
  expect(await explain(2)).toMatchObject({ reason: 'not_registered', registered: ['order@1'] });
  expect(await explain(1, 'slow')).toMatchObject({ reason: 'no_worker', queue: 'slow' });
  // A worker that lives but never claims: a real one might take the run before anybody looks.
  await apps.sql(`insert into durable.worker
    select gen_random_uuid(), 'idle', queue, host, pid, array['order@3'], slots, lock_key, started_at, heartbeat_at, expires_at
      from durable.worker`);
  expect(await explain(3)).toMatchObject({ reason: 'due' });
  await both[0].runner.start('order', null, { version: 1 });
  await gate.reached;
  expect(await explain(1)).toMatchObject({ reason: 'workers_busy', workers: 1, slots: 1 });
  await runner.pause({ workflow: 'order', version: 1 }, { reason: 'a bug' });
  expect(await explain(1)).toMatchObject({ reason: 'paused', target: 'workflow', pauseReason: 'a bug' });
  gate.open();
});

it('counts what is undone', async () => {
  let broken = true;
  const plan = durable('undo')
    .step('a', () => 1, {
      compensate: () => {
        if (broken) throw new Error('locked');
      },
    })
    .step('b', () => 1, { compensate: () => undefined })
    .step('c', () => Promise.reject(new Error('no stock')), { maxAttempts: 1 });
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('undo');
  await testing.drain();
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'compensating', undone: 1, total: 2, undoNext: 'a' });
  await testing.advance('1h');
  expect(await runner.explain(run.id)).toMatchObject({ reason: 'ended', status: 'compensation_failed' });
  broken = false;
  await runner.retry(run.id);
  await testing.drain();
  expect((await runner.explain(run.id)).summary).toContain('failed in "c"');
});

it('is of no use for a run that does not exist', async () => {
  const { runner } = await apps.bootVirtual({ workflows: [durable('any').step('a', () => 1)] });
  await expect(runner.explain('0190f3a0-0000-7000-8000-000000000001')).rejects.toBeInstanceOf(RunNotFoundError);
  await expect(runner.explain('nonsense')).rejects.toBeInstanceOf(RunNotFoundError);
});

/**
 * Covers: the orders that put runs right, on rows that are written as the engine writes them: what each changes, what it
 * refuses, and its line in the audit trail. Retries: retry.spec.ts. What the engine makes of it is covered by
 * test/integration/runner.
 */
import { randomUUID } from 'node:crypto';
import { newId } from '../../../lib/common/ids.js';
import { RUN_STATUSES, isTerminal, type RunStatus } from '../../../lib/definition/run-state.js';
import { NOW, client, repair, rows, schema } from './hostile-schema.fixture.js';

const by = { by: 'Ann', reason: "it's broken" };
const error = { name: 'Error', message: 'no' };

/** The lines of the audit trail, without ids and times. */
async function trail(): Promise<unknown[]> {
  const lines = await rows.all('operation');
  return lines.map(({ action, by: who, reason, before, after }) => ({ action, by: who, reason, before, after }));
}

it.each(['retry', 'skip', 'terminate', 'pause', 'unpause'] as const)('answers null to %s of no run', async (order) => {
  const orders = {
    retry: () => repair.retry(newId(), null, by),
    skip: () => repair.skip(newId(), 'charge', 'null', by),
    terminate: () => repair.terminate(newId(), by),
    pause: () => repair.pause(newId(), by),
    unpause: () => repair.unpause(newId(), by),
  };
  expect(await orders[order]()).toBeNull();
});

describe('skip', () => {
  beforeEach(() => rows.plan('charge', 'ship'));

  it.each<[RunStatus, RunStatus, Record<string, unknown>]>([
    ['failed', 'pending', { error, deadline_at: new Date('2030-01-01') }],
    ['suspended', 'suspended', { awaiting: ['paid'], paused_at: NOW }],
    ['pending', 'pending', {}],
  ])(
    'records a result for the node that a %s run stands at, and makes it due behind it',
    async (status, after, row) => {
      const id = await rows.run(status, { epoch: 3, cursor: 1, ...row });
      await rows.journal(id, 'charge', 4);

      expect(await repair.skip(id, 'ship', '{"by":  "hand"}', by)).toEqual({
        ...{ outcome: 'accepted', status: after, queue: 'durable' },
      });
      expect(await rows.row(id)).toMatchObject({
        ...{
          status: after,
          cursor: 2,
          epoch: 4,
          retried_epoch: 3,
          wakeups: 1,
          error: null,
          due_at: NOW,
          awaiting: null,
        },
        ...{ deadline_at: null, finished_at: null, paused_at: row.paused_at ?? null },
      });
      const { rows: written } = await client.query(`select * from ${schema}.journal where key = 'ship'`);
      expect(written).toEqual([
        {
          ...{ run_id: id, key: 'ship', kind: 'skipped', position: 5, attempt: 1, epoch: 3, cursor: 0, duration_ms: 0 },
          ...{ completed_at: NOW, result: { by: 'hand' } },
        },
      ]);
      expect(await trail()).toEqual([
        {
          ...{ action: 'skip', ...by, before: { status, cursor: 1 } },
          after: { status: after, cursor: 2, node: 'ship' },
        },
      ]);
    },
  );

  it('puts the decision of a route aside, whose row has the name of the node', async () => {
    const id = await rows.run('failed', { cursor: 1 });
    await rows.journal(id, 'ship', 1, { kind: 'decision' });

    await repair.skip(id, 'ship', '1', by);

    expect(await rows.keys(id, 'journal_archive')).toEqual(['ship']);
    expect(await client.query(`select kind from ${schema}.journal`)).toMatchObject({ rows: [{ kind: 'skipped' }] });
  });

  it('refuses another node than the one that the run stands at', async () => {
    const id = await rows.run('suspended', { cursor: 0 });
    const ended = await rows.run('pending', { cursor: 2 });

    expect(await repair.skip(id, 'ship', '1', by)).toEqual({
      ...{ outcome: 'other_node', status: 'suspended', current: 'charge' },
    });
    expect(await repair.skip(ended, 'ship', '1', by)).toMatchObject({ outcome: 'other_node', current: null });
  });

  it('refuses to build upon what was undone', async () => {
    const id = await rows.run('failed', { cursor: 1 });
    await rows.journal(id, 'charge');
    await rows.journal(id, 'undo:charge', 1);

    expect(await repair.skip(id, 'ship', '1', by)).toEqual({ outcome: 'undone', status: 'failed', nodes: ['charge'] });
  });

  it.each<[string, RunStatus, Record<string, unknown>, boolean]>([
    ['a run that a worker holds', 'running', {}, true],
    ['a run that is to be canceled', 'suspended', { cancel: { reason: null, compensate: true } }, false],
    ['a run that is being undone', 'compensating', {}, false],
    ['a completed run', 'completed', {}, false],
    ['a canceled run', 'canceled', {}, false],
    ['a run whose undo gave up', 'compensation_failed', {}, false],
  ])('refuses %s', async (_, status, columns, held) => {
    const id = await rows.run(status, { cursor: 1, ...columns });
    const unchanged = await rows.row(id);

    expect(await repair.skip(id, 'ship', '1', by)).toEqual({ outcome: 'not_skippable', status, held });
    expect(await rows.row(id)).toEqual(unchanged);
    expect(await rows.keys(id)).toEqual([]);
  });
});

describe('terminate', () => {
  it.each(RUN_STATUSES.filter((status) => !isTerminal(status)))(
    'ends a %s run and fences its holder',
    async (status) => {
      const worker = status === 'running' ? randomUUID() : null;
      const id = await rows.run(status, {
        ...{ epoch: 3, worker_id: worker, due_at: worker ? null : NOW, paused_at: NOW, awaiting: ['a'], cursor: 1 },
      });

      expect(await repair.terminate(id, by)).toEqual({ accepted: true, status: 'canceled', worker, parentQueue: null });
      expect(await rows.row(id)).toMatchObject({
        ...{ status: 'canceled', epoch: 4, worker_id: null, due_at: null, paused_at: null, awaiting: null },
        ...{ finished_at: NOW, cancel: { reason: "it's broken", compensate: false, terminated: true } },
      });
      expect(await trail()).toEqual([
        { action: 'terminate', ...by, before: { status, cursor: 1 }, after: { status: 'canceled', cursor: 1 } },
      ]);
    },
  );

  it.each(RUN_STATUSES.filter(isTerminal))('leaves a %s run alone', async (status) => {
    const id = await rows.run(status);
    const unchanged = await rows.row(id);

    expect(await repair.terminate(id, by)).toEqual({ accepted: false, status, worker: null, parentQueue: null });
    expect(await rows.row(id)).toEqual(unchanged);
    expect(await trail()).toEqual([]);
  });

  it('wakes the parent that waits for it', async () => {
    const parent = await rows.run('suspended', { queue: 'q2' });
    const id = await rows.run('running', { parent_id: parent, parent_key: 'child' });

    expect(await repair.terminate(id, by)).toMatchObject({ parentQueue: 'q2' });
    expect(await rows.row(parent)).toMatchObject({ wakeups: 1, due_at: NOW });
  });
});

it('carries out what becomes of the children of an ended run', async () => {
  const parent = await rows.run('canceled');
  const child = (close: string): Promise<string> =>
    rows.run('suspended', { parent_id: parent, parent_key: close, parent_close: close, paused_at: NOW });
  const [canceled, terminated, abandoned] = [await child('cancel'), await child('terminate'), await child('abandon')];

  const closed = await repair.closeChildren(parent);

  const closing = { queue: 'durable', worker: null };
  expect(closed).toEqual([
    { ...closing, id: canceled, terminated: null },
    { ...closing, id: terminated, terminated: { name: 'order', version: 1 } },
  ]);
  expect(await rows.row(canceled)).toMatchObject({ due_at: NOW, paused_at: null, cancel: { compensate: true } });
  expect(await rows.row(terminated)).toMatchObject({
    ...{ status: 'canceled', cancel: { reason: 'its parent ended', compensate: false, terminated: true } },
  });
  expect(await rows.row(abandoned)).toMatchObject({ status: 'suspended', cancel: null });
});

describe('pause and unpause', () => {
  it.each(RUN_STATUSES.filter((status) => !isTerminal(status)))(
    'marks a %s run, and nothing else of it',
    async (status) => {
      const id = await rows.run(status, { epoch: 3 });
      const { updated_at: _, ...row } = await rows.row(id);
      const outcome = { accepted: true, status, worker: row.worker_id, queue: 'durable' };

      expect(await repair.pause(id, by)).toEqual(outcome);
      expect(await rows.row(id)).toEqual({ ...row, paused_at: NOW, updated_at: NOW });
      expect(await repair.pause(id, by)).toEqual(outcome);
      expect(await repair.unpause(id, { by: null, reason: null })).toEqual(outcome);
      expect(await rows.row(id)).toEqual({ ...row, updated_at: NOW });
      expect(await repair.unpause(id, by)).toEqual({ ...outcome, accepted: false });
      expect(await trail()).toEqual([
        { action: 'pause', ...by, before: { paused: false }, after: { paused: true } },
        { action: 'unpause', by: null, reason: null, before: { paused: true }, after: { paused: false } },
      ]);
    },
  );

  it.each(RUN_STATUSES.filter(isTerminal))('leaves a %s run alone', async (status) => {
    const id = await rows.run(status);

    expect(await repair.pause(id, by)).toMatchObject({ accepted: false, status });
    expect(await repair.unpause(id, by)).toMatchObject({ accepted: false, status });
    expect(await trail()).toEqual([]);
  });

  it('pauses a workflow or one version of it, once', async () => {
    expect(await repair.pauseWorkflow('order', 2, by)).toBe(true);
    expect(await repair.pauseWorkflow('order', 2, by)).toBe(false);
    expect(await repair.pauseWorkflow('order', null, { by: null, reason: null })).toBe(true);
    await repair.pauseWorkflow('other', null, by);

    expect(await repair.pauses()).toEqual([
      { workflow: 'order', version: null, pausedAt: NOW, by: null, reason: null },
      { workflow: 'order', version: 2, pausedAt: NOW, ...by },
      { workflow: 'other', version: null, pausedAt: NOW, ...by },
    ]);
    expect(await repair.unpauseWorkflow('order', 3, by)).toBe(false);
    expect(await repair.unpauseWorkflow('order', null, by)).toBe(true);
    expect((await repair.pauses()).map(({ workflow }) => workflow)).toEqual(['other']);
    expect((await rows.all('operation')).map(({ action, workflow, version }) => [action, workflow, version])).toEqual([
      ...[['pause', 'order', 2] as const, ['pause', 'order', null] as const],
      ...[['pause', 'other', null] as const, ['unpause', 'order', null] as const],
    ]);
  });
});

it('reads the audit trail of a run, oldest first, payloads as they were stored', async () => {
  const id = await rows.run('pending');
  await repair.pause(await rows.run('pending'), by);
  await repair.pause(id, by);
  await repair.unpause(id, by);

  const line = { id: expect.any(String), runId: id, workflow: 'order', version: 1, at: NOW, ...by };
  expect(await repair.operations(id)).toEqual([
    { ...line, action: 'pause', before: '{"paused":false}', after: '{"paused":true}' },
    { ...line, action: 'unpause', before: '{"paused":true}', after: '{"paused":false}' },
  ]);
});

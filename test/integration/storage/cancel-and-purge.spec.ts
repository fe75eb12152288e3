/**
 * Covers: orders to cancel runs and to delete those that have ended, on rows that are written as the engine writes them.
 * Orders that put runs right: run-repair.spec.ts. What is asked of runs: run-admin.spec.ts.
 */
import { randomUUID } from 'node:crypto';
import { newId } from '../../../lib/common/ids.js';
import type { RunStatus } from '../../../lib/definition/run-state.js';
import { NOW, admin, client, pool, rows, schema } from './hostile-schema.fixture.js';

const HOUR = 3_600_000;
const request = { reason: 'changed my mind', compensate: true };

/** A run as the engine leaves it in that status, an hour ago. */
function run(status: RunStatus, columns: Record<string, unknown> = {}): Promise<string> {
  return rows.run(status, { input: '{"b":1.0,  "a":[]}', ...columns });
}

function journal(runId: string, key: string, columns: Record<string, unknown> = {}): Promise<void> {
  return rows.journal(runId, key, 0, columns);
}

async function archived(runId: string): Promise<void> {
  await journal(runId, 'old');
  await client.query(
    `with gone as (delete from ${schema}.journal where run_id = $1 and key = 'old' returning *)
     insert into ${schema}.journal_archive select run_id, $2, key, kind, position, attempt, epoch, cursor, duration_ms, completed_at, result
       from gone`,
    [runId, newId()],
  );
}

describe('cancel', () => {
  it('returns null when there is no such run', async () => {
    expect(await admin.cancel(newId(), request)).toBeNull();
  });

  it('ends a pending run that nothing was done for, and fences whoever held it', async () => {
    const id = await run('pending', { due_at: new Date('2031-01-01'), epoch: 3 });

    expect(await admin.cancel(id, request)).toEqual({
      status: 'canceled',
      accepted: true,
      worker: null,
      queue: null,
    });
    expect(await rows.row(id)).toMatchObject({
      status: 'canceled',
      due_at: null,
      finished_at: NOW,
      updated_at: NOW,
      epoch: 4,
      wakeups: 1,
      cancel: request,
    });
  });

  it.each<[string, RunStatus, () => Record<string, unknown>, boolean]>([
    ['a pending run that journaled something', 'pending', () => ({}), true],
    ['a pending run with a parent', 'pending', () => ({ parent_id: newId(), parent_key: 'ship' }), false],
    ['a run parked until later', 'suspended', () => ({ due_at: new Date('2031-01-01') }), true],
    ['a run parked for a signal', 'suspended', () => ({ due_at: null, awaiting: ['approved'] }), false],
  ])('makes %s due, so that a worker ends it', async (_, status, columns, journaled) => {
    const id = await run(status, columns());
    if (journaled) await journal(id, 'charge');
    const { due_at: dueBefore, epoch } = await rows.row(id);

    expect(await admin.cancel(id, request)).toEqual({ status, accepted: true, worker: null, queue: 'durable' });

    const dueAt = dueBefore !== null && (dueBefore as Date) < NOW ? dueBefore : NOW;
    expect(await rows.row(id)).toMatchObject({
      status,
      due_at: dueAt,
      wakeups: 1,
      epoch,
      cancel: request,
      finished_at: null,
    });
  });

  it('names the worker that holds the run, and leaves the run to it', async () => {
    const worker = randomUUID();
    const id = await run('running', { worker_id: worker });

    expect(await admin.cancel(id, request)).toEqual({ status: 'running', accepted: true, worker, queue: null });
    expect(await rows.row(id)).toMatchObject({
      status: 'running',
      worker_id: worker,
      due_at: null,
      wakeups: 1,
      epoch: 1,
      cancel: request,
    });
  });

  it('lifts a pause, which would keep the run from ending', async () => {
    const id = await run('suspended', { paused_at: rows.before(HOUR) });

    await admin.cancel(id, request);

    expect(await rows.row(id)).toMatchObject({ paused_at: null, due_at: NOW });
  });

  it.each<[RunStatus, string, Record<string, unknown>]>([
    ['pending', 'canceled', {}],
    ['suspended', 'suspended', { cursor: 2 }],
  ])('leaves in the audit trail who canceled a %s run, and why', async (status, after, columns) => {
    const id = await run(status, columns);
    const cursor = Number(columns.cursor ?? 0);

    await admin.cancel(id, request, 'Ann');
    await admin.cancel(id, request, 'Bob');

    const { rows } = await client.query(`select * from ${schema}.operation`);
    expect(rows).toEqual([
      {
        id: expect.any(String),
        run_id: id,
        workflow: 'order',
        version: 1,
        action: 'cancel',
        at: NOW,
        by: 'Ann',
        reason: 'changed my mind',
        before: { status, cursor },
        after: { status: after, cursor },
      },
    ]);
  });

  it('keeps the first request when asked again, and names the worker again', async () => {
    const worker = randomUUID();
    const id = await run('running', { worker_id: worker });
    await admin.cancel(id, request);

    expect(await admin.cancel(id, { reason: 'second', compensate: false })).toMatchObject({ accepted: true, worker });
    expect(await rows.row(id)).toMatchObject({ wakeups: 1, cancel: request });
  });

  it('takes a repeated cancel of a run that is being undone for it', async () => {
    const id = await run('compensating', { cancel: request });

    expect(await admin.cancel(id, request)).toMatchObject({ status: 'compensating', accepted: true });
  });

  it('leaves a run alone that is being undone after a failure', async () => {
    const id = await run('compensating', { error: { name: 'Error', message: 'no' } });
    const unchanged = await rows.row(id);

    expect(await admin.cancel(id, request)).toEqual({
      status: 'compensating',
      accepted: false,
      worker: null,
      queue: null,
    });
    expect(await rows.row(id)).toEqual(unchanged);
  });

  it.each<RunStatus>(['completed', 'failed', 'canceled', 'compensation_failed'])(
    'leaves a %s run alone',
    async (status) => {
      const id = await run(status);
      const unchanged = await rows.row(id);

      expect(await admin.cancel(id, request)).toEqual({ status, accepted: false, worker: null, queue: null });
      expect(await rows.row(id)).toEqual(unchanged);
    },
  );

  it('sees what the checkpoint wrote that it had to wait for', async () => {
    const id = await run('running');
    await client.query('begin');
    await client.query(`select from ${schema}.run where id = $1 for no key update`, [id]);
    const canceling = admin.cancel(id, request);
    // One of these comes after the first try on its connection, which found the row locked.
    await Promise.all([1, 2].map(() => pool.query({ text: 'select 1', values: [] })));

    await journal(id, 'charge');
    await client.query(`update ${schema}.run set status = 'pending', worker_id = null, due_at = $2 where id = $1`, [
      id,
      rows.before(1),
    ]);
    await client.query('commit');

    expect(await canceling).toMatchObject({ status: 'pending', accepted: true, queue: 'durable' });
    expect(await rows.row(id)).toMatchObject({ status: 'pending', cancel: request });
  });

  it('ends a run once when many cancel it together', async () => {
    const id = await run('pending');

    const outcomes = await Promise.all(Array.from({ length: 5 }, () => admin.cancel(id, request)));

    expect(outcomes.filter((outcome) => outcome?.accepted)).toHaveLength(1);
    expect(new Set(outcomes.map((outcome) => outcome?.status))).toEqual(new Set(['canceled']));
    expect(await rows.row(id)).toMatchObject({ wakeups: 1, epoch: 1 });
  });
});

describe('purge', () => {
  const ended: RunStatus[] = ['completed', 'failed', 'canceled', 'compensation_failed'];

  async function left(): Promise<string[]> {
    return (await client.query<{ id: string }>(`select id from ${schema}.run order by id`)).rows.map(({ id }) => id);
  }

  it('deletes finished runs that are old enough, with all that belongs to them', async () => {
    const old = await run('completed', { finished_at: rows.before(2 * HOUR) });
    const young = await run('completed', { finished_at: rows.before(HOUR) });
    for (const id of [old, young]) {
      await journal(id, 'charge');
      await rows.insert('attempt', {
        run_id: id,
        key: 'k',
        epoch: 1,
        attempt: 1,
        final: false,
        duration_ms: 1,
        failed_at: NOW,
        error: {},
      });
      await rows.insert('progress', { run_id: id, key: 'k', value: '1', updated_at: NOW });
      await archived(id);
      await rows.insert('operation', { id: newId(), run_id: id, workflow: 'order', action: 'retry', at: NOW });
      await rows.insert('signal', { id: newId(), run_id: id, name: 's', position: 1, payload: 'null', sent_at: NOW });
    }

    const count = await admin.purge({ finishedBefore: { ageMs: 1.5 * HOUR }, status: ended, batchSize: 10 });

    expect(count).toBe(1);
    expect(await left()).toEqual([young]);
    for (const table of ['journal', 'journal_archive', 'attempt', 'progress', 'signal', 'operation']) {
      const { rows } = await client.query<{ run_id: string }>(`select run_id from ${schema}.${table}`);
      expect(rows).toEqual([{ run_id: young }]);
    }
  });

  it('walks through batches, past what stays', async () => {
    const kept: string[] = [];
    for (let n = 0; n < 9; n += 1) {
      const id = await run(n % 3 === 2 ? 'suspended' : 'failed');
      if (n % 3 === 2) kept.push(id);
    }

    expect(await admin.purge({ finishedBefore: { at: NOW }, status: ended, batchSize: 2 })).toBe(6);
    expect(await left()).toEqual(kept);
  });

  it('deletes only the statuses asked for, and never a run that goes on', async () => {
    const failed = await run('failed');
    const suspended = await run('suspended');
    await run('completed');
    const status: RunStatus[] = ['completed', 'suspended', 'pending'];

    expect(await admin.purge({ finishedBefore: { at: NOW }, status, batchSize: 10 })).toBe(1);
    expect(await left()).toEqual([failed, suspended]);
  });

  it('keeps a child whose parent has not ended', async () => {
    const parent = await run('suspended');
    const child = await run('completed', { parent_id: parent, parent_key: 'ship' });
    await run('completed', { parent_id: await run('completed'), parent_key: 'ship' });
    await run('completed', { parent_id: newId(), parent_key: 'ship' });

    expect(await admin.purge({ finishedBefore: { at: NOW }, status: ended, batchSize: 10 })).toBe(3);
    expect(await left()).toEqual([parent, child]);
  });

  it('leaves a run to the next purge that somebody has locked', async () => {
    const locked = await run('failed');
    await run('failed');
    await client.query('begin');
    await client.query(`select from ${schema}.run where id = $1 for no key update`, [locked]);

    const count = await admin.purge({ finishedBefore: { at: NOW }, status: ended, batchSize: 10 });
    await client.query('commit');

    expect(count).toBe(1);
    expect(await left()).toEqual([locked]);
  });
});

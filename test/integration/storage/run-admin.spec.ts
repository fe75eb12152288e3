/**
 * Covers: what operators and the runner ask, on rows that are written as the engine writes them. Orders to cancel and to
 * purge: cancel-and-purge.spec.ts; orders that put runs right: run-repair.spec.ts. Moves of runs by workers are covered by
 * the specs of the run store; what the runner makes of the answers by those of the runner.
 */
import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../../lib/common/clock.js';
import { newId } from '../../../lib/common/ids.js';
import { RUN_STATUSES, type RunStatus } from '../../../lib/definition/run-state.js';
import { PostgresRunAdmin } from '../../../lib/storage/postgres/postgres-run-admin.js';
import { admin, callers, client, plans, pool, rows, schema } from './hostile-schema.fixture.js';
import { endSessions, OF_ADMIN } from '../../support/sessions/end-sessions.js';

const HOUR = 3_600_000;
const request = { reason: 'changed my mind', compensate: true };

/** A run as the engine leaves it in that status, an hour ago. */
function run(status: RunStatus, columns: Record<string, unknown> = {}): Promise<string> {
  return rows.run(status, { input: '{"b":1.0,  "a":[]}', ...columns });
}

function journal(runId: string, key: string, columns: Record<string, unknown> = {}): Promise<void> {
  return rows.journal(runId, key, 0, columns);
}

describe('find', () => {
  it('returns everything about a run, its input as it was stored', async () => {
    const error = { name: 'Error', message: 'no' };
    const cancel = { reason: null, compensate: false };
    const parent = newId();
    const worker = randomUUID();
    const id = await run('compensating', {
      priority: 3,
      idempotency_key: "k'1",
      cursor: 2,
      epoch: 4,
      deliveries: 1,
      retried_epoch: 2,
      worker_id: worker,
      due_at: rows.before(1),
      deadline_at: rows.before(2),
      awaiting: ['approved'],
      cancel,
      error,
      parent_id: parent,
      parent_key: 'ship',
      started_at: rows.before(3),
    });

    expect(await admin.find(id)).toEqual({
      id,
      workflow: 'order',
      version: 1,
      tags: [],
      planHash: 'h1',
      status: 'compensating',
      queue: 'durable',
      priority: 3,
      idempotencyKey: "k'1",
      cursor: 2,
      epoch: 4,
      deliveries: 1,
      retriedEpoch: 2,
      worker,
      dueAt: rows.before(1),
      pausedAt: null,
      deadlineAt: rows.before(2),
      awaiting: ['approved'],
      cancel,
      error,
      parentId: parent,
      trace: null,
      parentKey: 'ship',
      createdAt: rows.before(HOUR),
      startedAt: rows.before(3),
      updatedAt: rows.before(HOUR),
      finishedAt: null,
      input: '{"b":1.0,  "a":[]}',
      totalSteps: 2,
    });
  });

  it('takes the number of steps from the definition that the run was started with', async () => {
    await plans.save([
      { name: 'order', version: 1, hash: 'h0', plan: '[]', nodes: 9 },
      { name: 'order', version: 1, hash: 'h1', plan: '[]', nodes: 5 },
    ]);
    const id = await run('pending');

    expect((await admin.find(id))?.totalSteps).toBe(5);
  });

  it('returns null when there is no such run', async () => {
    expect(await admin.find(newId())).toBeNull();
  });
});

describe('list', () => {
  it('returns pages of runs without payloads, the newest first', async () => {
    const ids = [];
    for (let n = 0; n < 5; n += 1) ids.push(await run('completed'));
    ids.reverse();

    const first = await admin.list({ limit: 2 });
    const second = await admin.list({ limit: 2, before: first[1].id });
    const third = await admin.list({ limit: 2, before: second[1].id });

    expect([...first, ...second, ...third].map(({ id }) => id)).toEqual(ids);
    expect(first[0]).not.toHaveProperty('input');
  });

  it('filters by everything together and alone', async () => {
    const parent = newId();
    const wanted = await run('failed', {
      workflow: `it's "$1"`,
      version: 2,
      parent_id: parent,
      idempotency_key: 'k',
      created_at: rows.before(2 * HOUR),
    });
    const other = await run('suspended');
    const idsOf = async (filter: object): Promise<string[]> =>
      (await admin.list({ limit: 10, ...filter })).map(({ id }) => id);
    const filters = {
      status: ['failed', 'canceled'],
      workflow: `it's "$1"`,
      version: 2,
      parentId: parent,
      idempotencyKey: 'k',
      createdBefore: rows.before(HOUR),
    };

    expect(await idsOf(filters)).toEqual([wanted]);
    for (const [name, value] of Object.entries(filters)) expect(await idsOf({ [name]: value })).toEqual([wanted]);
    expect(await idsOf({ createdAfter: rows.before(2 * HOUR) })).toEqual([other]);
    expect(await idsOf({ status: [] })).toEqual([]);
    expect(await idsOf({})).toEqual([other, wanted]);
  });

  it('never returns more than a thousand', async () => {
    await client.query(
      `insert into ${schema}.run (id, workflow, version, plan_hash, status, queue, created_at, updated_at, input)
       select gen_random_uuid(), 'w', 1, 'h', 'completed', 'q', now(), now(), 'null' from generate_series(1, 1005)`,
    );

    expect(await admin.list({ limit: 5_000 })).toHaveLength(1_000);
  });
});

it('returns the children of a run in the order of their start', async () => {
  const parent = await run('suspended');
  const first = await run('completed', { parent_id: parent, parent_key: 'a' });
  const second = await run('running', { parent_id: parent, parent_key: 'b' });
  await run('running', { parent_id: newId(), parent_key: 'a' });

  expect((await admin.children(parent)).map(({ id, parentKey }) => [id, parentKey])).toEqual([
    [first, 'a'],
    [second, 'b'],
  ]);
});

it('returns the journal in the order of completion, and results as they were stored', async () => {
  const id = await run('running');
  await journal(id, 'b', { position: 1, kind: 'branch', attempt: 2, epoch: 3 });
  await journal(id, 'z', { position: 0 });
  await journal(newId(), 'other');

  expect(await admin.journal(id)).toEqual([
    expect.objectContaining({ key: 'z', position: 0 }),
    {
      key: 'b',
      kind: 'branch',
      position: 1,
      attempt: 2,
      epoch: 3,
      durationMs: 1.5,
      completedAt: rows.before(HOUR),
      result: '{"ok":  true}',
    },
  ]);
});

it('returns failed attempts, the oldest first', async () => {
  const id = await run('failed');
  const error = { name: 'Error', message: 'no' };
  const attempt = { run_id: id, key: 'charge', epoch: 1, duration_ms: 2, error };
  await rows.insert('attempt', { ...attempt, attempt: 2, final: true, failed_at: rows.before(1) });
  await rows.insert('attempt', { ...attempt, attempt: 1, final: false, failed_at: rows.before(2) });

  const expected = { key: 'charge', epoch: 1, durationMs: 2, error };
  expect(await admin.attempts(id)).toEqual([
    { ...expected, attempt: 1, final: false, failedAt: rows.before(2) },
    { ...expected, attempt: 2, final: true, failedAt: rows.before(1) },
  ]);
});

it('finds, of some runs, those that have ended', async () => {
  const ids = new Map<RunStatus, string>();
  for (const status of RUN_STATUSES) ids.set(status, await run(status));

  const ended = await admin.ended([...ids.values(), newId()]);

  expect(new Map(ended.map(({ status, id }) => [status, id]))).toEqual(
    new Map([...ids].filter(([status]) => ['completed', 'failed', 'canceled', 'compensation_failed'].includes(status))),
  );
  expect(await admin.ended([])).toEqual([]);
});

it('uses the time of the database when the clock has none', async () => {
  const id = await run('pending');
  const live = new PostgresRunAdmin({ pool, admin: pool }, schema, new SystemClock(), callers);

  await live.cancel(id, request);

  const { rows } = await client.query(`select now() - finished_at < interval '1 minute' as recent from ${schema}.run`);
  expect(rows).toEqual([{ recent: true }]);
});

describe('when connections break', () => {
  it('goes on with new ones', async () => {
    const id = await run('pending');
    await admin.find(id);
    await endSessions(client, OF_ADMIN);

    expect((await admin.find(id))?.id).toBe(id);
    await endSessions(client, OF_ADMIN);
    expect((await admin.cancel(id, request))?.status).toBe('canceled');
  });
});

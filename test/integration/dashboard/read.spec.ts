/**
 * Covers: what the dashboard answers of runs, workflows and workers, and what it keeps from whom. Who gets in:
 * routes.spec.ts; orders: orders.spec.ts.
 */
import { durable } from '../../../lib/index.js';
import { DashboardApps } from '../../support/dashboard-apps.js';
import { DurableApps } from '../../support/durable-app.js';

const dashboards = new DashboardApps();
const apps = new DurableApps();

const HOSTILE = '</script><script>alert(1)</script>\u2028 javascript:alert(1) <svg onload=x> \u202e';

const everything = (): boolean => true;
const trip = durable('trip')
  .step('book', (ctx: any) => ({ secret: String(ctx.input.secret) }), { compensate: () => null })
  .parallel('tell', [
    { name: 'mail', handler: () => 1 },
    { name: 'text', handler: () => 2 },
  ])
  .waitForSignal('approval', 'approved', { timeout: '3d' })
  .step('close', () => 'closed');
const breaks = durable('breaks')
  .step('first', () => 1)
  .step('second', () => Promise.reject(new Error(HOSTILE)), { maxAttempts: 2, backoff: () => 60 });

it('shows a run in all its parts: plan, nodes, timeline, journal, signals, audit trail', async () => {
  const dashboard = await dashboards.boot(apps, { workflows: [trip], authorize: everything });
  const { runner, testing } = dashboard;
  const run = await runner.start('trip', { secret: 's3cret' }, { tags: ['eu'], idempotencyKey: 'k1' });
  await testing.drain();
  await runner.signal(run.id, 'other', { early: true });

  const waiting = (await dashboard.get(`api/runs/${run.id}`)).body;
  expect(waiting.run).toMatchObject({
    ...{ id: run.id, workflowName: 'trip', status: 'suspended', currentNode: 'approval', totalSteps: 4, tags: ['eu'] },
    input: { state: 'shown', text: JSON.stringify({ secret: 's3cret' }, null, 2), truncated: false },
    result: { state: 'none' },
  });
  expect(waiting.explanation).toMatchObject({
    reason: 'waiting_for_signal',
    summary: expect.stringContaining('approved'),
  });
  expect(waiting.plan.nodes.map(({ name }: any) => name)).toEqual(['book', 'tell', 'approval', 'close']);
  expect(waiting.nodes.map(({ state }: any) => state)).toEqual(['done', 'done', 'waiting', 'not_reached']);
  expect(waiting.nodes[1].parts).toEqual([
    { name: 'mail', state: 'done', failedAttempts: 0 },
    { name: 'text', state: 'done', failedAttempts: 0 },
  ]);
  expect(waiting.timeline).toContainEqual(
    expect.objectContaining({ node: 'approval', kind: 'wait', outcome: 'open', label: 'waits for approved' }),
  );
  expect(waiting.signals).toMatchObject([{ name: 'other', consumedBy: null }]);
  expect(waiting.actions.find(({ action }: any) => action === 'signal')).toMatchObject({
    enabled: true,
    signals: ['approved'],
  });

  await runner.signal(run.id, 'approved', 'yes', { by: 'Ann' });
  await testing.drain();
  const done = (await dashboard.get(`api/runs/${run.id}`)).body;
  expect(done.nodes.every(({ state }: any) => state === 'done')).toBe(true);
  expect(JSON.parse(done.run.result.text)).toMatchObject({ approval: 'yes', close: 'closed' });
  expect(done.operations).toMatchObject([{ action: 'signal', by: 'Ann' }]);
  expect(done.journal.rows.map(({ key }: any) => key)).toContain('tell.mail');
});

it('shows no payload to who may not see any, in no answer', async () => {
  const dashboard = await dashboards.boot(apps, { workflows: [trip] });
  const { runner, testing } = dashboard;
  const run = await runner.start('trip', { secret: 's3cret' });
  await testing.drain();
  await runner.signal(run.id, 'approved', 's3cret');
  await testing.drain();

  for (const path of [`api/runs/${run.id}`, `api/runs/${run.id}/journal`, 'api/runs', 'api/overview']) {
    const { status, body } = await dashboard.get(path);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('s3cret');
  }
  const { body } = await dashboard.get(`api/runs/${run.id}`);
  expect(body.run).toMatchObject({ input: { state: 'hidden' }, result: { state: 'hidden' } });
  for (const ref of ['input', 'result', 'journal:book', `signal:${body.signals[0].id}`]) {
    const answer = await dashboard.get(`api/runs/${run.id}/payload?of=${encodeURIComponent(ref)}`);
    expect([ref, answer.status]).toEqual([ref, 403]);
  }
});

it('keeps hostile payloads, names and errors JSON, and cuts large ones', async () => {
  const dashboard = await dashboards.boot(apps, { workflows: [trip, breaks], authorize: everything });
  const { runner, testing } = dashboard;
  const run = await runner.start(
    'trip',
    { secret: HOSTILE, much: 'x'.repeat(500_000) },
    { tags: [HOSTILE.slice(0, 30)] },
  );
  const failed = await runner.start('breaks');
  await testing.advance('10m');

  const { headers, body } = await dashboard.get(`api/runs/${run.id}`);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(body.run.input).toMatchObject({ state: 'shown', truncated: true });
  expect(body.run.input.text).toHaveLength(16_384);
  const whole = await dashboard.get(`api/runs/${run.id}/payload?of=input`);
  expect(JSON.parse(whole.body.text)).toMatchObject({ secret: HOSTILE });
  const broken = (await dashboard.get(`api/runs/${failed.id}`)).body;
  expect(broken.run.error.message).toBe(HOSTILE);
  expect(broken.nodes).toMatchObject([{ state: 'done' }, { state: 'failed', failedAttempts: 2 }]);
  expect(broken.timeline.filter(({ outcome }: any) => outcome === 'failed')).toHaveLength(2);
  expect(broken.timeline.filter(({ kind }: any) => kind === 'wait')).toMatchObject([{ unit: 'second' }]);
});

it('lists, filters, counts and pages runs', async () => {
  const dashboard = await dashboards.boot(apps, { workflows: [trip, breaks] });
  const { runner, testing } = dashboard;
  for (let n = 0; n < 5; n++)
    await runner.start('trip', { n }, { tags: n % 2 ? ['odd', 'all'] : ['all'], idempotencyKey: `k${n}` });
  await runner.start('breaks');
  await testing.advance('10m');
  const list = async (query: string): Promise<any> => (await dashboard.get(`api/runs?${query}`)).body;
  const total = async (query: string): Promise<any> => (await dashboard.get(`api/runs/counts?${query}`)).body;

  for (const [query, count] of [
    ['', 6],
    ['status=failed', 1],
    ['status=failed,suspended', 6],
    ['status=completed', 0],
    ['workflow=trip', 5],
    ['workflow=trip&version=2', 0],
    ['key=k3', 1],
    ['tag=all', 5],
    ['tag=all&tag=odd', 2],
    ['error=ALERT(1)', 1],
    ['from=2030-01-01T00:00:00Z', 6],
    ['to=2030-01-01T00:00:00Z', 0],
    ['from=2030-01-02T00:00:00Z&status=failed', 0],
  ] as const) {
    expect([query, (await list(query)).runs.length]).toEqual([query, count]);
    expect([query, (await total(query)).total]).toEqual([query, { count, capped: false }]);
  }
  expect((await total('')).statuses).toEqual(
    expect.arrayContaining([
      { status: 'suspended', count: 5, capped: false },
      { status: 'failed', count: 1, capped: false },
    ]),
  );
  const first = await list('limit=4');
  const second = await list(`limit=4&before=${first.next}`);
  expect(second.next).toBeNull();
  expect(new Set([...first.runs, ...second.runs].map(({ id }) => id)).size).toBe(6);
  for (const query of ['limit=101', 'status=stuck', 'before=1', 'from=yesterday', 'version=x', 'id=1', 'key=%00']) {
    expect(await dashboard.get(`api/runs?${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_request' } },
    });
  }
});

it('shows nobody a run that he may not view, by no way', async () => {
  const dashboard = await dashboards.boot(apps, {
    workflows: [trip],
    authorize: (_user, action, run) => action === 'view' && !run?.tags.includes('hidden'),
  });
  const hidden = await dashboard.runner.start('trip', {}, { tags: ['hidden'] });
  const seen = await dashboard.runner.start('trip', {});
  await dashboard.testing.drain();

  expect((await dashboard.get('api/runs')).body.runs.map(({ id }: any) => id)).toEqual([seen.id]);
  for (const path of ['', '/journal', '/payload?of=input']) {
    expect((await dashboard.get(`api/runs/${hidden.id}${path}`)).status).toBe(404);
  }
  expect((await dashboard.get(`api/events?topic=run&id=${hidden.id}`)).status).toBe(404);
});

it('says what the whole system does', async () => {
  const dashboard = await dashboards.boot(apps, { workflows: [trip, breaks] });
  await dashboard.runner.start('trip', {});
  await dashboard.runner.start('breaks');
  await dashboard.testing.advance('10m');
  await dashboard.runner.start('trip', {}, { queue: 'elsewhere' });
  await dashboard.testing.advance('1m');

  const { body } = await dashboard.get('api/overview?window=1h');
  expect(body.buckets).toHaveLength(60);
  expect(body.buckets.reduce((sum: number, { started }: any) => sum + started, 0)).toBe(3);
  expect(body.buckets.reduce((sum: number, { failed }: any) => sum + failed, 0)).toBe(1);
  expect(body.statuses).toContainEqual({ status: 'failed', count: 1, capped: false, estimated: false });
  expect(body.waiting).toEqual(
    expect.arrayContaining([
      { reason: 'signal', count: 1, capped: false },
      { reason: 'due', count: 1, capped: false },
    ]),
  );
  expect(body.failures).toHaveLength(1);
  expect(body.failureGroups).toMatchObject([{ workflowName: 'breaks', count: 1 }]);
  expect(body.oldestDue).toMatchObject({ lateMs: 60_000, run: { queue: 'elsewhere' } });
  expect(body.workers).toMatchObject([{ state: 'alive', workflows: expect.arrayContaining(['trip@1']) }]);
  const workers = (await dashboard.get('api/workers')).body;
  expect(workers.unserved).toMatchObject([{ queue: 'elsewhere', workflowName: 'trip', version: 1, count: 1 }]);
});

it('shows the node whose undo gave up, until the undo comes through', async () => {
  let closed = true;
  const bank = durable('bank')
    .step('charge', () => 1, { compensate: () => closed && Promise.reject(new Error('closed')), maxAttempts: 1 })
    .step('ship', () => Promise.reject(new Error('no stock')), { maxAttempts: 1 });
  const dashboard = await dashboards.boot(apps, { workflows: [bank], durable: { retry: { backoff: () => 1 } } });
  const { id } = await dashboard.runner.start('bank');
  const nodes = async (): Promise<any> => (await dashboard.get(`api/runs/${id}`)).body.nodes;
  await dashboard.testing.drain();
  await dashboard.testing.advance('1h');

  expect((await dashboard.runner.find(id)).status).toBe('compensation_failed');
  expect(await nodes()).toMatchObject([
    { state: 'done', undoFailed: true },
    { state: 'failed', undoFailed: false },
  ]);
  closed = false;
  await dashboard.runner.retry(id);
  await dashboard.testing.drain();
  expect(await nodes()).toMatchObject([
    { state: 'undone', undoFailed: false },
    { state: 'failed', undoFailed: false },
  ]);
});

it('shows workflows with their runs in flight, and two versions side by side', async () => {
  const next = durable('trip', { version: 2 })
    .step('book', () => 1, { maxAttempts: 7 })
    .waitForSignal('approval', 'approved')
    .step('archive', () => 1);
  const dashboard = await dashboards.boot(apps, { workflows: [trip, next] });
  await dashboard.runner.start('trip', {}, { version: 1 });
  await dashboard.testing.drain();

  const { workflows } = (await dashboard.get('api/workflows')).body;
  expect(workflows).toMatchObject([
    {
      name: 'trip',
      plans: [
        { version: 2, inFlight: 0 },
        { version: 1, inFlight: 1 },
      ],
    },
  ]);
  const { places, plan } = (await dashboard.get('api/workflows/trip/1')).body;
  expect(places).toEqual([{ node: 'approval', index: 2, runs: 1, stopped: 0 }]);
  expect(plan.version).toBe(1);
  const difference = (await dashboard.get('api/workflows/trip/difference?from=1&to=2')).body;
  expect(difference.rows.map(({ change, from, to }: any) => [change, from, to])).toEqual([
    ['changed', 0, 0],
    ['removed', 1, null],
    ['changed', 2, 1],
    ['removed', 3, null],
    ['added', null, 2],
  ]);
  expect(difference.rows[0].details).toEqual(['compensate: true → none', 'maxAttempts: none → 7']);
  expect(difference.rows[2].details).toContain('timeout: 3d → none');
  expect((await dashboard.get('api/workflows/trip/9')).status).toBe(404);
  expect((await dashboard.get('api/definitions')).body.definitions).toHaveLength(2);
});

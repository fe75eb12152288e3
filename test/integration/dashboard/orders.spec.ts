/**
 * Covers: orders through the dashboard: where they may come from, who may give them, that previews say what happens, bulk
 * orders, and the audit. What runs make of an order: test/integration/runner.
 */
import type { DashboardAuditEntry } from '../../../lib/dashboard/index.js';
import { DASHBOARD_ACTIONS } from '../../../lib/dashboard/index.js';
import { durable } from '../../../lib/index.js';
import { DashboardApps, type DashboardApp, type Platform } from '../../support/dashboard-apps.js';
import { DurableApps } from '../../support/durable-app.js';

const dashboards = new DashboardApps();
const apps = new DurableApps();

const everything = (): boolean => true;
const waits = durable('waits').waitForSignal('approval', 'approved');
const consents = durable('waits', { version: 2 })
  .waitForSignal('consent', 'approved')
  .step('after', (ctx) => ctx.results.consent);

async function parked(dashboard: DashboardApp): Promise<string> {
  const { id } = await dashboard.runner.start('waits', {});
  await dashboard.testing.drain();
  return id;
}

describe.each(['express', 'fastify'] as Platform[])('on %s', (platform) => {
  it('takes orders from its own page only, as JSON', async () => {
    const origins = ['https://ops.example.com'];
    const dashboard = await dashboards.boot(apps, { platform, workflows: [waits], authorize: everything, origins });
    const path = `api/runs/${await parked(dashboard)}/actions/cancel`;
    const send = async (headers: Record<string, string>): Promise<[number, string]> => {
      const { status, body } = await dashboard.send(path, {
        method: 'POST',
        headers: { 'x-user': 'ann', 'content-type': 'application/json', ...headers },
        body: '{}',
      });
      return [status, body.error?.code];
    };
    const own = dashboard.url;

    expect(await send({})).toEqual([403, 'cross_origin']);
    expect(await send({ origin: 'null' })).toEqual([403, 'cross_origin']);
    expect(await send({ origin: 'https://evil.example' })).toEqual([403, 'cross_origin']);
    expect(await send({ origin: `${own}.evil.example` })).toEqual([403, 'cross_origin']);
    expect(await send({ origin: own, 'sec-fetch-site': 'cross-site' })).toEqual([403, 'cross_origin']);
    expect(await send({ origin: own, 'sec-fetch-site': 'none' })).toEqual([403, 'cross_origin']);
    expect(await send({ origin: own, 'content-type': 'text/plain' })).toEqual([415, 'not_json']);
    expect((await dashboard.get('api/runs', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await dashboard.get('api/runs', { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await dashboard.get(path)).status).toBe(404);
    expect((await dashboard.runner.list({ status: 'suspended' })).length).toBe(1);
    expect(await send({ origin: 'https://ops.example.com' })).toEqual([200, undefined]);
  });

  it('reads bodies itself where the application parses none', async () => {
    const dashboard = await dashboards.boot(apps, {
      platform,
      workflows: [waits],
      authorize: everything,
      bodyParser: platform === 'fastify',
    });
    const id = await parked(dashboard);

    const answer = await dashboard.post(`api/runs/${id}/actions/signal`, { name: 'approved', payload: { a: 1 } });

    expect(answer).toMatchObject({ status: 200, body: { accepted: true } });
    await dashboard.testing.drain();
    expect((await dashboard.runner.find(id)).results).toEqual({ approval: { a: 1 } });
    expect((await dashboard.post(`api/runs/${id}/actions/cancel`, '[1]')).status).toBe(400);
  });
});

it('asks for each order whether the person may give it to this run', async () => {
  const asked: string[] = [];
  const dashboard = await dashboards.boot(apps, {
    workflows: [waits],
    authorize: (user: { email: string }, action, run) => {
      asked.push(`${user.email} ${action} ${run?.id ?? '-'}`);
      return action === 'view' || (action === 'cancel' && user.email.startsWith('boss'));
    },
  });
  const id = await parked(dashboard);
  const body = { name: 'x', node: 'approval', to: 1 };

  for (const action of DASHBOARD_ACTIONS.filter((each) => each !== 'view' && each !== 'payload')) {
    for (const kind of ['preview', 'actions']) {
      const { status } = await dashboard.post(`api/runs/${id}/${kind}/${action}`, body);
      expect([kind, action, status]).toEqual([kind, action, 403]);
    }
    expect(asked).toContain(`ann@example.com ${action} ${id}`);
  }
  expect((await dashboard.post('api/workflows/waits/actions/pause', {})).status).toBe(403);
  expect((await dashboard.post(`api/runs/${id}/actions/view`, {})).status).toBe(404);
  const bulk = { action: 'cancel', filter: {}, confirmed: 1, upTo: id };
  expect((await dashboard.post('api/bulk', bulk)).body.results).toMatchObject([{ runId: id, accepted: false }]);
  expect(await dashboard.runner.operations(id)).toEqual([]);
  const { body: answer } = await dashboard.post(`api/runs/${id}/actions/cancel`, {}, { 'x-user': 'boss' });
  expect(answer).toMatchObject({ accepted: true });
});

describe('a preview', () => {
  it('of a cancel lists the undos that run, in their order', async () => {
    const undone: string[] = [];
    const undo = (name: string) => ({ compensate: () => void undone.push(name) });
    const dashboard = await dashboards.boot(apps, {
      workflows: [
        durable('saga')
          .step('a', () => 1, undo('a'))
          .step('free', () => 1)
          .forEach('pack', () => 1, { items: () => [1, 2], concurrency: 1, ...undo('pack') })
          .step('c', () => 1, undo('c'))
          .waitForSignal('hold', 'go'),
      ],
      authorize: everything,
    });
    const { id } = await dashboard.runner.start('saga', {});
    await dashboard.testing.drain();

    const { body: preview } = await dashboard.post(`api/runs/${id}/preview/cancel`, { reason: 'x' });
    expect(preview).toMatchObject({ possible: true, undo: ['c', 'pack#1', 'pack#0', 'a'], effects: [] });
    expect((await dashboard.runner.find(id)).status).toBe('suspended');
    const { fingerprint } = preview;
    expect((await dashboard.post(`api/runs/${id}/actions/cancel`, { reason: 'x', fingerprint })).status).toBe(200);
    await dashboard.testing.drain();

    expect(undone).toEqual(['c', 'pack', 'pack', 'a']);
    expect(await dashboard.runner.find(id)).toMatchObject({ status: 'canceled', cancelReason: 'x' });
    expect(await dashboard.runner.operations(id)).toMatchObject([
      { action: 'cancel', by: 'ann@example.com', reason: 'x' },
    ]);
    const late = await dashboard.post(`api/runs/${id}/actions/cancel`, { fingerprint });
    expect(late).toMatchObject({ status: 409, body: { error: { code: 'refused' } } });
  });

  it('of a retry says what is executed again, or why it cannot be, and changes nothing', async () => {
    let broken = true;
    const done: string[] = [];
    const dashboard = await dashboards.boot(apps, {
      workflows: [
        durable('fixable')
          .step('one', () => void done.push('one'))
          .step('two', () => void done.push('two'))
          .step('three', () => (broken ? Promise.reject(new Error('no')) : done.push('three')), { maxAttempts: 1 })
          .step('four', () => void done.push('four')),
      ],
      authorize: everything,
    });
    const { id } = await dashboard.runner.start('fixable', {});
    await dashboard.testing.drain();
    const before = await apps.runRow(id);
    const preview = (from?: string): Promise<any> => dashboard.post(`api/runs/${id}/preview/retry`, { from });

    expect((await preview('two')).body).toMatchObject({
      ...{ possible: true, redo: ['two', 'three'] },
      effects: ['What these nodes did before is kept in the archive of the journal.'],
    });
    expect((await preview()).body).toMatchObject({ possible: true, redo: ['three'], effects: [] });
    expect((await preview('four')).body).toMatchObject({
      possible: false,
      summary: expect.stringContaining('not reached'),
    });
    expect((await preview('nope')).status).toBe(400);
    expect(await apps.runRow(id)).toEqual(before);
    expect(await dashboard.runner.operations(id)).toEqual([]);
    broken = false;
    done.length = 0;
    await dashboard.post(`api/runs/${id}/actions/retry`, { from: 'two' });
    await dashboard.testing.drain();

    expect(done).toEqual(['two', 'three', 'four']);
  });

  it('of a skip, a pause and an order that does not fit agrees with what happens', async () => {
    const dashboard = await dashboards.boot(apps, { workflows: [waits], authorize: everything });
    const id = await parked(dashboard);
    const agree = async (action: string, body: object): Promise<number> => {
      const { body: preview } = await dashboard.post(`api/runs/${id}/preview/${action}`, body);
      const { status } = await dashboard.post(`api/runs/${id}/actions/${action}`, body);
      expect([action, preview.possible]).toEqual([action, status === 200]);
      return status;
    };

    expect(await agree('resume', {})).toBe(409);
    expect(await agree('retry', {})).toBe(409);
    expect(await agree('unpause', {})).toBe(409);
    expect(await agree('pause', {})).toBe(200);
    expect(await agree('pause', {})).toBe(409);
    expect(await agree('unpause', {})).toBe(200);
    expect(await agree('skip', { node: 'elsewhere' })).toBe(409);
    expect(await agree('migrate', { to: 1 })).toBe(409);
    expect(await agree('skip', { node: 'approval', payload: 'by hand' })).toBe(200);
    await dashboard.testing.drain();
    expect((await dashboard.runner.find(id)).results).toEqual({ approval: 'by hand' });
    expect(await agree('terminate', {})).toBe(409);
    expect(await agree('signal', { name: 'approved' })).toBe(409);
  });
});

/** Runs of version 1, where there is another version; none has an order yet. */
async function twoVersions(count: number): Promise<{ dashboard: DashboardApp; runIds: string[] }> {
  const dashboard = await dashboards.boot(apps, { workflows: [waits, consents], authorize: everything });
  const inputs = Array.from({ length: count }, () => ({}));
  const runs = await dashboard.runner.startMany('waits', inputs, { version: 1 });
  await dashboard.testing.drain();
  return { dashboard, runIds: runs.map(({ id }) => id) };
}

it('moves a run to another version, where it goes on under the names of that', async () => {
  const { dashboard, runIds } = await twoVersions(1);
  const [id] = runIds;
  const order = { to: 2, map: { approval: 'consent' }, reason: 'renamed' };

  const { body: preview } = await dashboard.post(`api/runs/${id}/preview/migrate`, order);
  expect(preview).toMatchObject({ possible: true });
  expect((await dashboard.runner.find(id)).version).toBe(1);
  const moved = await dashboard.post(`api/runs/${id}/actions/migrate`, { ...order, fingerprint: preview.fingerprint });
  expect(moved).toMatchObject({ status: 200, body: { accepted: true, run: { version: 2 } } });

  await dashboard.runner.signal(id, 'approved', 'yes');
  await dashboard.testing.drain();
  expect(await dashboard.runner.find(id)).toMatchObject({
    ...{ version: 2, status: 'completed', result: { consent: 'yes', after: 'yes' } },
  });
  expect(await dashboard.runner.operations(id)).toMatchObject([
    { action: 'migrate', by: 'ann@example.com', reason: 'renamed' },
  ]);
});

it('terminates a run, which undoes nothing', async () => {
  const undone: string[] = [];
  const saga = durable('saga')
    .step('a', () => 1, { compensate: () => void undone.push('a') })
    .waitForSignal('hold', 'go');
  const dashboard = await dashboards.boot(apps, { workflows: [saga], authorize: everything });
  const { id } = await dashboard.runner.start('saga', {});
  await dashboard.testing.drain();

  const { body: preview } = await dashboard.post(`api/runs/${id}/preview/terminate`, {});
  expect(preview).toMatchObject({ possible: true, undo: [] });
  const { fingerprint } = preview;
  const ended = await dashboard.post(`api/runs/${id}/actions/terminate`, { reason: 'stuck', fingerprint });
  expect(ended).toMatchObject({ status: 200, body: { accepted: true, status: 'canceled' } });
  await dashboard.testing.drain();

  expect(undone).toEqual([]);
  expect((await dashboard.runner.find(id)).status).toBe('canceled');
  expect(await dashboard.runner.operations(id)).toMatchObject([
    { action: 'terminate', by: 'ann@example.com', reason: 'stuck' },
  ]);
});

describe('a bulk order', () => {
  it('moves the runs that can be moved, and terminates runs, each with a result', async () => {
    const { dashboard, runIds } = await twoVersions(3);
    const { runner } = dashboard;
    const { id: there } = await runner.start('waits', {}, { version: 2 });
    const all = [...runIds, there];
    const give = async (order: { action: string; args: object }): Promise<any[]> => {
      const target = { ...order, runIds: all };
      const { body: preview } = await dashboard.post('api/bulk/preview', target);
      expect(preview).toMatchObject({ count: 4, eligible: 4 });
      const { body } = await dashboard.post('api/bulk', { ...target, confirmed: 4, upTo: preview.upTo });
      expect(body.next).toBeNull();
      return body.results;
    };

    const moves = await give({ action: 'migrate', args: { to: 2, map: { approval: 'consent' }, reason: 'renamed' } });
    expect(moves.filter(({ accepted }) => accepted).map(({ runId }) => runId)).toEqual([...runIds].reverse());
    expect(moves.find(({ accepted }) => !accepted)).toMatchObject({ runId: there, message: expect.any(String) });
    for (const id of all) expect((await runner.find(id)).version).toBe(2);

    const ends = await give({ action: 'terminate', args: { reason: 'given up' } });
    expect(ends.map(({ runId, accepted, status }) => ({ runId, accepted, status }))).toEqual(
      [...all].reverse().map((runId) => ({ runId, accepted: true, status: 'canceled' })),
    );
    for (const id of all) expect((await runner.find(id)).status).toBe('canceled');
    expect((await runner.operations(runIds[0])).map(({ action }) => action).sort()).toEqual(['migrate', 'terminate']);
  });

  it('goes to what was confirmed, batch by batch, with a result for each run', async () => {
    const dashboard = await dashboards.boot(apps, { workflows: [waits], authorize: everything });
    const { runner, testing } = dashboard;
    await runner.startMany(
      'waits',
      Array.from({ length: 60 }, () => ({})),
      { tags: ['stuck'] },
    );
    await runner.start('waits', {});
    await testing.drain();
    const order = {
      action: 'cancel',
      filter: { tag: ['stuck'], status: ['suspended'] },
      args: { reason: 'all of them' },
    };

    const { body: preview } = await dashboard.post('api/bulk/preview', order);
    expect(preview).toMatchObject({ count: 60, capped: false, eligible: 60 });
    expect(preview.sample).toHaveLength(5);
    const few = await dashboard.post('api/bulk', { ...order, confirmed: 59, upTo: preview.upTo });
    expect(few).toMatchObject({ status: 409, body: { error: { code: 'count_changed' } } });
    expect(await runner.list({ status: 'suspended', limit: 100 })).toHaveLength(61);
    const later = await runner.start('waits', {}, { tags: ['stuck'] });
    await testing.drain();

    const results: any[] = [];
    for (let after: string | undefined | null; after !== null;) {
      const { body } = await dashboard.post('api/bulk', { ...order, confirmed: 60, upTo: preview.upTo, after });
      results.push(...body.results);
      after = body.next;
    }
    await testing.drain();
    expect(results).toHaveLength(60);
    expect(results.every(({ accepted }) => accepted)).toBe(true);
    expect(await runner.list({ status: 'canceled', limit: 100 })).toHaveLength(60);
    expect((await runner.find(later.id)).status).toBe('suspended');
    expect(await runner.operations(results[0].runId)).toMatchObject([{ by: 'ann@example.com', reason: 'all of them' }]);
  });

  it('says of each run that cannot take it why', async () => {
    const dashboard = await dashboards.boot(apps, { workflows: [waits], authorize: everything });
    const id = await parked(dashboard);
    const { body: preview } = await dashboard.post('api/bulk/preview', { action: 'retry', runIds: [id] });
    const order = { action: 'retry', runIds: [id], confirmed: 1, upTo: preview.upTo };

    expect(preview).toMatchObject({ count: 1, eligible: 0 });
    expect((await dashboard.post('api/bulk', order)).body).toMatchObject({
      results: [{ runId: id, accepted: false, message: expect.stringContaining('only runs that failed') }],
      next: null,
    });
    for (const bad of [{ action: 'resume' }, { action: 'cancel' }, { action: 'cancel', filter: [] }]) {
      expect((await dashboard.post('api/bulk/preview', bad)).status).toBe(400);
    }
  });
});

it('tells the application of every order, also of those that were refused', async () => {
  const entries: DashboardAuditEntry[] = [];
  const dashboard = await dashboards.boot(apps, {
    workflows: [waits],
    authorize: everything,
    audit: (entry) => {
      entries.push(entry);
      throw new Error('the log is full');
    },
  });
  const id = await parked(dashboard);
  await dashboard.post(`api/runs/${id}/actions/retry`, { reason: 'why not' });
  await dashboard.post(`api/runs/${id}/actions/cancel`, {});
  await dashboard.post('api/workflows/waits/actions/pause', { version: 1 });

  expect(entries).toMatchObject([
    { by: 'ann@example.com', action: 'retry', runId: id, reason: 'why not', accepted: false },
    { by: 'ann@example.com', action: 'cancel', runId: id, accepted: true, refusal: null },
    { action: 'pause', runId: null, workflowName: 'waits', accepted: true },
  ]);
  const { operations } = (await dashboard.get('api/operations')).body;
  expect(operations.map(({ action }: any) => action)).toEqual(['pause', 'cancel']);
});

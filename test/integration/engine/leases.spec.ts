// Covers: the lease of a worker: kept, lost, taken anew, and what becomes of the runs. Late writes: fencing.spec.ts.
// LeaseKeeper by itself: test/unit/engine. Killed and stopped processes: test/crash.
import { SystemClock } from '../../../lib/common/clock.js';
import { durable } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps, until } from '../../support/durable-app.js';
import { aborted, Gate } from '../../support/gate.js';

const apps = new DurableApps();

async function workers(): Promise<string[]> {
  return (await apps.sql<{ id: string }>('select id from durable.worker order by started_at, id')).map(({ id }) => id);
}

it('registers the worker with what it executes, and removes it when it stops', async () => {
  const { app } = await apps.bootVirtual({
    worker: { id: 'left shoe', leaseDuration: '30s' },
    queue: 'shoes',
    workflows: [durable('b', { version: 2 }).step('x', () => 1), durable('a').step('x', () => 1)],
  });

  expect(
    await apps.sql('select name, queue, pid, workflows, expires_at - heartbeat_at as lease from durable.worker'),
  ).toEqual([
    {
      name: 'left shoe',
      queue: 'shoes',
      pid: process.pid,
      workflows: expect.arrayContaining(['a@1', 'b@2']),
      lease: expect.objectContaining({ seconds: 30 }),
    },
  ]);
  await app.close();

  expect(await workers()).toEqual([]);
});

it('has no proof that it lives in a lock that it took again, before it has renewed its lease', async () => {
  const app = await apps.boot({
    worker: { leaseDuration: '1h' },
    workflows: [durable('a').step('x', () => 1)],
  });
  const { workers: store } = app.engine['parts'].storage;
  await apps.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'nest-durable:control' and datname = current_database()`,
  );
  const cutAt = performance.now();
  await until(
    async () => {
      await store.sweep().catch(() => undefined);
      return apps.sql(`select from pg_locks where locktype = 'advisory' and granted and database =
                         (select oid from pg_database where datname = current_database())`);
    },
    (locks) => locks.length === 1,
  );
  await store.sweep();
  expect(store.provenAt).toBeLessThan(cutAt);

  await store.renew(app.workerId, 3_600_000);
  const renewedAt = store.provenAt;
  await store.sweep();

  expect(renewedAt).toBeGreaterThan(cutAt);
  expect(store.provenAt).toBeGreaterThan(renewedAt);
});

it('takes the runs of a worker whose lease has ended, by the clock of the database', async () => {
  const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
  const gate = new Gate();
  const log: string[] = [];
  const plan = (name: string) =>
    durable('slow').step('wait', async () => {
      log.push(name);
      if (name === 'first') await gate.pass();
    });
  // Not driven by `testing`: its lease is not renewed, as that of a process that is stopped.
  const first = await apps.boot({ clock, workflows: [plan('first')] });
  const run = await first.runner.start('slow');
  await gate.reached;
  const { testing, runner } = await apps.bootVirtual({ clock, workflows: [plan('second')] });

  await testing.advance('14s');
  expect(await run.snapshot()).toMatchObject({ status: 'running', workerId: first.workerId });
  await testing.advance('2s');
  expect(await runner.find(run.id)).toMatchObject({ status: 'completed', epoch: 3 });
  expect(log).toEqual(['first', 'second']);
  gate.open();
});

it('begins nothing under a lease that has ended while the process stood still, before any timer has noticed', async () => {
  let stoodStillMs = 0;
  const clock = new (class extends SystemClock {
    override monotonic(): number {
      return super.monotonic() + stoodStillMs;
    }
  })();
  const begun: string[] = [];
  const workflow = durable('walk')
    .step('left', () => {
      begun.push('left');
      stoodStillMs = 20_000;
    })
    .step('right', () => begun.push('right'));
  const { runner } = await apps.boot({ clock, worker: { leaseDuration: '15s' }, workflows: [workflow] });
  const run = await runner.start('walk');
  await run.result();

  expect(begun).toEqual(['left', 'right']);
  const epochs = await apps.sql<{ key: string; epoch: number }>(
    'select key, epoch from durable.journal order by position',
  );
  // Under the first lease the step that stood still; given back with it (2) and claimed under the next one (3).
  expect(epochs).toEqual([
    { key: 'left', epoch: 1 },
    { key: 'right', epoch: 3 },
  ]);
});

it('goes on under a new lease when others have declared it dead: its steps are told, their runs go on', async () => {
  const gate = new Gate();
  const reasons: unknown[] = [];
  const plan = durable('slow').step('wait', async (ctx) => {
    if (gate.visits > 0) return 'second time';
    void aborted(ctx.abortSignal).then((reason) => reasons.push((reason as Error).name));
    await gate.pass();
  });
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [plan] });
  const run = await runner.start('slow');
  await gate.reached;
  const lost = app.workerId;
  await apps.declareDead(lost);

  await testing.advance('1s'); // renews, and learns of it
  expect(app.workerId).toBe(null);
  await testing.advance('1s');

  expect(app.workerId).not.toBe(lost);
  expect(await workers()).toEqual([app.workerId]);
  expect(reasons).toEqual(['LeaseLostError']);
  expect(await run.snapshot()).toMatchObject({ status: 'completed', result: { wait: 'second time' } });
  expect(apps.log.lines.filter((line) => line.includes('lost its lease'))).toEqual([
    expect.stringContaining('another worker declared it dead. Its 1 runs go on elsewhere'),
  ]);
  gate.open();
});

it('does not wait for runs of a lease that it lost and that somebody has locked: it renews the new one, and they follow', async () => {
  const gate = new Gate();
  const plan = durable('slow').step('wait', async () => {
    if (gate.visits < 2) await gate.pass();
    return 'second time';
  });
  const app = await apps.boot({ worker: { leaseDuration: '1h', pollInterval: 50 }, workflows: [plan] });
  const { lease } = app.engine.worker!['members'];
  const runs = [await app.runner.start('slow'), await app.runner.start('slow')];
  await until(
    () => gate.visits,
    (visits) => visits === 2,
  );
  const first = app.workerId;

  await apps.withClient(async (client) => {
    await client.query('begin');
    await client.query('select from durable.run where id = $1 for update', [runs[0].id]);
    lease['lapse']('a test said so');
    await until(
      () => app.engine.worker!.workerId,
      (id) => id !== null && id !== first,
    );
    expect(await runs[1].result({ timeout: '60s' })).toEqual({ wait: 'second time' });
    await app.engine.worker!.renew();
    expect(apps.log.lines.filter((line) => line.includes('could not'))).toEqual([]);
    await client.query('rollback');
  });
  await app.engine.worker!.renew();

  expect(await runs[0].result({ timeout: '60s' })).toEqual({ wait: 'second time' });
  gate.open();
});

it('gives its lease up by itself before it ends, when the database does not answer its renewals', async () => {
  const gate = new Gate();
  const plan = durable('slow').step('wait', async (ctx) => {
    if (gate.visits > 0) return 'second time';
    await gate.pass();
    ctx.abortSignal.throwIfAborted();
  });
  const app = await apps.boot({ worker: { leaseDuration: '2s', pollInterval: 50 }, workflows: [plan] });
  const run = await app.runner.start('slow');
  await gate.reached;
  const first = app.workerId;

  await apps.withClient(async (client) => {
    await client.query('begin');
    await client.query('select from durable.worker for update');
    expect(
      await until(
        () => app.engine.worker!.workerId,
        (id) => id !== first,
      ),
    ).toBe(null);
    expect(app.engine.worker!.sessions.all().every(({ lost }) => lost !== null)).toBe(true);
    await client.query('rollback');
  });

  expect(await run.result({ timeout: '60s' })).toEqual({ wait: 'second time' });
  gate.open();
});

it('finds a worker that is gone by its free lock, long before its lease ends', async () => {
  const gate = new Gate();
  const plan = (name: string) =>
    durable('slow').step('wait', async () => {
      if (name === 'first') await gate.pass();
      return name;
    });
  const first = await apps.boot({ worker: { leaseDuration: '1h' }, workflows: [plan('first')] });
  const run = await first.runner.start('slow');
  await gate.reached;
  const second = await apps.boot({ worker: { leaseDuration: '1h' }, workflows: [plan('second')] });
  // What the server does when the process dies: the row stays, the lock goes.
  await apps.sql(`update durable.worker set lock_key = 77, id = '00000000-0000-7000-8000-000000000002' where id = $1`, [
    first.workerId,
  ]);
  await apps.sql(`update durable.run set worker_id = '00000000-0000-7000-8000-000000000002' where id = $1`, [run.id]);

  expect(await second.runner.result(run.id, { timeout: '60s' })).toEqual({ wait: expect.any(String) });
  gate.open();
});

it('keeps its lock and its runs when its connection is cut', async () => {
  const gate = new Gate();
  const plan = () =>
    durable('slow').step('wait', async () => {
      await gate.pass();
      return 'undisturbed';
    });
  const app = await apps.boot({ workflows: [plan()] });
  await apps.boot({ workflows: [plan()] });
  const run = await app.runner.start('slow');
  await gate.reached;
  const first = app.workerId;

  const cut = await apps.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'nest-durable:%' and datname = current_database()`,
  );
  await until(
    () =>
      apps.sql(
        'select from pg_locks l join durable.worker w on w.id = $1 where l.locktype = $2 and (l.classid::bigint << 32) + l.objid::bigint = w.lock_key',
        [first, 'advisory'],
      ),
    (rows) => rows.length === 1,
  );
  gate.open();

  expect(cut.length).toBeGreaterThan(2);
  expect(await run.result({ timeout: '60s' })).toEqual({ wait: 'undisturbed' });
  expect(app.workerId).toBe(first);
  expect(await run.snapshot()).toMatchObject({ epoch: 1 });
});

it('recover() hands the runs of dead workers back at once and says how many, also where there is no worker', async () => {
  const clock = new VirtualClock();
  const gate = new Gate();
  const plan = () =>
    durable('slow').step('wait', async () => {
      if (gate.visits < 3) await gate.pass();
    });
  const dead = await apps.boot({ clock, workflows: [plan()] });
  const runs = await dead.runner.startMany('slow', [1, 2, 3]);
  await until(
    () => gate.visits,
    (visits) => visits === 3,
  );
  const web = await apps.boot({ clock, worker: false, workflows: [plan()] });
  expect(await web.runner.recover()).toBe(0);
  await apps.declareDead(dead.workerId);

  expect(await web.runner.recover()).toBe(3);
  expect(await web.runner.recover()).toBe(0);
  const { testing } = await apps.bootVirtual({ clock, workflows: [plan()] });
  await testing.drain();

  for (const run of runs) expect(await web.runner.find(run.id)).toMatchObject({ status: 'completed', epoch: 3 });
  gate.open();
});

it('two workers of one name on one host are two workers', async () => {
  const first = await apps.boot({ worker: { id: 'same' } });
  const second = await apps.boot({ worker: { id: 'same' } });

  expect(await workers()).toHaveLength(2);
  expect(first.workerId).not.toBe(second.workerId);
});

// Covers connections that the server ends under load, one at a time. The whole server going away is in
// restarted-database.spec.ts; a connection that ends during a step's COMMIT is in transactional-step.spec.ts.
import { APPLICATION_POOL } from '../support/crash-app/settings.js';
import { depth } from '../support/depth.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy/fault-proxy.js';
import { ConnectionKiller } from '../support/processes/connection-killer.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { trips, violationsOfTrips } from '../support/processes/trip.js';

const KILLS = depth({ all: 200, eachRole: 10 }, { all: 80, eachRole: 4 });

describe('a database that ends connections', () => {
  let scene: CrashScene;
  let killer: ConnectionKiller | null = null;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { concurrency: 100 } });
  });

  afterEach(async () => {
    await killer?.stop();
    killer = null;
    await scene.clear();
  });

  it('kills no process, and every run still ends once', async () => {
    const workers = await Promise.all([scene.start('a'), scene.start('b')]);
    const caller = await scene.start('caller', { durable: { worker: false } });
    const nemesis = (killer = new ConnectionKiller(scene.client, 25));
    nemesis.start();
    await Promise.all(workers.map((worker) => worker.start('trip', trips(20, 50))));
    await caller.beginLoad('trip', { latency: 50 }, 15);
    // Under load to its end: an application at rest opens few of the connections that it has lost.
    const roles = ['checkpoint', 'control', 'pool', APPLICATION_POOL];
    const killed = () => nemesis.total >= KILLS.all && roles.every((role) => nemesis.kills[role] > KILLS.eachRole);
    await eventually('starts', () => caller.started.length >= 1.5 * KILLS.all, { within: 40_000 });
    await eventually('enough kills of each kind', killed, { within: 60_000 });
    const refused = await caller.endLoad();
    await nemesis.stop();
    await scene.allEnded({ within: 40_000 });

    expect(refused).toEqual([]);
    expect(await scene.failures()).toEqual([]);
    expect(await scene.statuses()).toEqual({ completed: caller.started.length + 40 });
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });

  it('kills no process when it ends a connection of the application in the moment in which that is established', async () => {
    const proxy = await FaultProxy.to(scene.url);
    try {
      const worker = await scene.start('worker', { url: proxy.url, ledgerUrl: scene.url });
      const ended = proxy.endWhenReady(APPLICATION_POOL).happened;
      await worker.start('trip', trips(20, 10));
      await ended;
      await scene.allEnded();

      expect(await scene.statuses()).toEqual({ completed: 20 });
      expect(await violationsOfTrips(scene.client)).toEqual({});
    } finally {
      await proxy.end();
    }
  });

  it('does not make a worker pass for dead whose control connection it ends, again and again', async () => {
    const a = await scene.start('a');
    const [runId] = (await a.start('gated', [null])) as [string];
    await a.reached(runId, 'hold');
    const b = await scene.start('b');
    const leases = [await scene.workerId(a), await scene.workerId(b)];
    const nemesis = (killer = new ConnectionKiller(scene.client, 600, 'control'));
    nemesis.start();
    await eventually('12 kills', () => nemesis.total >= 12);
    await nemesis.stop();
    a.open(runId, 'hold');
    await scene.allEnded();

    expect([await scene.workerId(a), await scene.workerId(b)]).toEqual(leases);
    expect(a.log + b.log).not.toContain('lost its lease');
    expect(await scene.run(runId)).toMatchObject({ status: 'completed', epoch: 1 });
  });

  it('does not make a worker pass for dead when it frees the lock of the lost connection late', async () => {
    const worker = await scene.start('worker', { durable: { worker: { leaseDuration: '2s' } } });
    const lease = (await scene.workerId(worker))!;
    await scene.start('other');
    const [{ lock_key: key }] = await scene.rows<{ lock_key: string }>(
      `select lock_key from durable.worker where id = $1`,
      [lease],
    );
    // Stands for the old session, which the server has not ended yet: it gets the lock before the new one can.
    const old = await scene.connect();
    try {
      const taken = old.query('select pg_advisory_lock($1)', [key]);
      await eventually('the old session to wait', async () => (await advisoryLocks(key)).includes('waiting'));
      await scene.rows(
        `select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and granted and (classid::bigint << 32) | objid::bigint = $1`,
        [key],
      );
      await taken;
      const since = new Date();
      await eventually('a heartbeat of the new connection', () => heartbeatSince(lease, since));
    } finally {
      await old.end();
    }
    await eventually('the lock to be taken again', async () => (await advisoryLocks(key)).includes('granted'));
    const since = new Date();
    await eventually('one more heartbeat', () => heartbeatSince(lease, since));

    expect(await scene.workerId(worker)).toBe(lease);
    expect(worker.log).not.toContain('lost its lease');
  });

  /** How sessions stand to an advisory lock. */
  async function advisoryLocks(key: string): Promise<string[]> {
    const rows = await scene.rows<{ state: string }>(
      `select case when granted then 'granted' else 'waiting' end as state from pg_locks
        where locktype = 'advisory' and (classid::bigint << 32) | objid::bigint = $1`,
      [key],
    );
    return rows.map(({ state }) => state);
  }

  async function heartbeatSince(lease: string, since: Date): Promise<boolean> {
    const text = 'select 1 from durable.worker where id = $1 and heartbeat_at > $2';
    return (await scene.rows(text, [lease, since])).length > 0;
  }
});

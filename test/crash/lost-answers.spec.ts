// Covers connections that are cut after the database has done what a statement says and before its answer arrives. The
// same for a transactional step's COMMIT is in transactional-step.spec.ts.
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy/fault-proxy.js';
import { inTurns } from '../support/in-turns.js';
import { stepsDeliveredAgain } from '../support/invariants.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { trips, violationsOfTrips } from '../support/processes/trip.js';

describe('an answer that is lost on its way', () => {
  let scene: CrashScene;
  let proxy: FaultProxy;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { concurrency: 20 } });
    proxy = await FaultProxy.to(scene.url);
  });

  afterEach(async () => {
    try {
      await scene.clear();
    } finally {
      await proxy.end();
    }
  });

  /** A worker whose way to the database can be cut; its ledger's cannot. */
  async function startWorker(): Promise<AppProcess> {
    return scene.start('worker', { url: proxy.url, ledgerUrl: scene.url });
  }

  async function expectAllDoneOnce(runs: number): Promise<void> {
    await scene.allEnded();
    expect(await scene.statuses()).toEqual({ completed: runs });
    expect(await violationsOfTrips(scene.client)).toEqual({});
    expect(await scene.rows('select 1 from durable.attempt')).toEqual([]);
    const twice = await scene.rows('select run_id, step from outside_effect group by 1, 2 having count(*) > 1');
    expect(twice).toEqual([]);
  }

  it('leaves no run behind when it is the answer to a claim', async () => {
    await startWorker();
    const caller = await scene.start('caller', { durable: { worker: false } });
    let started = 0;
    // The answer that is lost may be that of a poll before the start, which took nothing: then once more.
    const claimedAgain = await inTurns(
      async () => {
        const lost = proxy.cutAt('claim-runs', 'after').happened;
        const ids = await caller.start('trip', trips(10, 10));
        started += 10;
        await lost;
        await scene.allEnded();
        const text = `select 1 from durable.journal where key = 'quote' and epoch > 1 and run_id = any ($1::uuid[])`;
        return scene.rows(text, [ids]);
      },
      (rows) => rows.length === 10,
    );

    expect(claimedAgain).toHaveLength(10);
    await expectAllDoneOnce(started);
  });

  it('leaves no run behind when it is a journal that a claim asks for', async () => {
    const first = await scene.start('first');
    const [gated] = (await first.start('gated', [null])) as [string];
    await first.reached(gated, 'hold');
    const worker = await startWorker();
    const lost = proxy.cutAt('load-journal', 'after').happened;
    await first.kill();
    await lost;
    worker.open(gated, 'hold');
    await worker.reached(gated, 'hold');
    worker.open(gated, 'hold');
    await scene.allEnded();

    expect(await scene.statuses()).toEqual({ completed: 1 });
    expect(await stepsDeliveredAgain(scene.client)).toBe(1);
  });

  it('neither loses nor doubles runs when it is the answer to a start', async () => {
    const worker = await startWorker();
    const lost = proxy.cutAt('insert-runs', 'after').happened;
    const started = await worker.start('trip', trips(10, 10));
    await lost;

    expect(new Set(started).size).toBe(10);
    await expectAllDoneOnce(10);
  });

  it('repeats no step when it is the answer to a checkpoint', async () => {
    const worker = await startWorker();
    for (let cut = 0; cut < 5; cut++) {
      const lost = proxy.cutAt('checkpoint-unit', 'after').happened;
      await worker.start('trip', trips(3, 50));
      await lost;
    }
    await expectAllDoneOnce(15);
  });

  it('lets nobody pass for dead when it is the answer to a heartbeat', async () => {
    const worker = await scene.start('worker', {
      url: proxy.url,
      ledgerUrl: scene.url,
      durable: { worker: { leaseDuration: '2s' } },
    });
    await scene.start('other');
    const [gated] = (await worker.start('gated', [null])) as [string];
    await worker.reached(gated, 'hold');
    const lease = await scene.workerId(worker);
    for (let cut = 0; cut < 3; cut++) await proxy.cutAt('renew-worker', 'after').happened;
    const beat = `select 1 from durable.worker where id = $1 and heartbeat_at > $2`;
    const lastCut = new Date();
    await eventually('one more heartbeat', async () => (await scene.rows(beat, [lease, lastCut])).length > 0);
    worker.open(gated, 'hold');
    await scene.allEnded();

    expect(await scene.workerId(worker)).toBe(lease);
    expect(await scene.run(gated)).toMatchObject({ status: 'completed', epoch: 1 });
  });
});

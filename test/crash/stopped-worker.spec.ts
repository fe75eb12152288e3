// Covers SIGTERM: what a worker finishes, what it hands back, how soon others go on, and being killed while it stops.
// Workers that are killed without notice are in killed-worker.spec.ts.
import { stepsDeliveredAgain } from '../support/invariants.js';
import { eventually } from '../support/eventually.js';
import { inTurns } from '../support/in-turns.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { handoverTimes } from '../support/processes/takeover.js';
import { trips, violationsOfTrips } from '../support/processes/trip.js';

/** Far longer than a test may take, so that nothing can have waited for a lease to end or for the next poll. */
const patient = { leaseDuration: '5m', pollInterval: '2m' };

describe('a worker that is asked to stop', () => {
  let scene: CrashScene;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { concurrency: 100, ...patient } });
  });

  afterEach(async () => {
    await scene.clear();
  });

  it('lets its running steps end, hands its runs back at once and exits with 0', async () => {
    const stayer = await scene.start('stayer');
    let started = 0;
    const { times } = await inTurns(
      async () => {
        const leaver = await scene.start('leaver');
        const ids = await leaver.start('trip', trips(60, 400));
        started += 60;
        await eventually('a step to be journaled', async () => {
          return (await scene.rows('select 1 from durable.journal where run_id = any ($1::uuid[])', [ids])).length > 0;
        });

        leaver.signal('SIGTERM');
        expect(await leaver.exited).toEqual({ code: 0, signal: null });
        expect(await scene.rows('select 1 from durable.run where deliveries > 1')).toEqual([]);
        await scene.allEnded();
        return { times: await handoverTimes(scene.client, ids, stayer.pid) };
      },
      ({ times }) => times.runs > 50 && times.worst < 1_000,
    );

    expect(times.runs).toBeGreaterThan(50);
    expect(times.worst).toBeLessThan(1_000);
    // Every step that it had begun it also finished and journaled: nothing was left to be repeated.
    expect(await stepsDeliveredAgain(scene.client)).toBe(0);
    expect(await violationsOfTrips(scene.client)).toEqual({});
    expect(await scene.statuses()).toEqual({ completed: started });
    expect(await scene.rows('select 1 from durable.attempt')).toEqual([]);
  });

  it('aborts a step that outlasts the shutdown timeout; another worker repeats it at once, as the same attempt', async () => {
    const stayer = await scene.start('stayer');
    const waited = await inTurns(
      async () => {
        const leaver = await scene.start('leaver', { durable: { worker: { ...patient, shutdownTimeout: '500ms' } } });
        const runId = await scene.startGated(leaver);

        leaver.signal('SIGTERM');
        const exit = await leaver.exited;
        const exitedAt = performance.now();
        const again = await stayer.reached(runId, 'hold');
        const waited = performance.now() - exitedAt;
        stayer.open(runId, 'hold');
        await scene.allEnded();

        expect(exit).toEqual({ code: 0, signal: null });
        expect(leaver.aborted).toEqual([{ type: 'aborted', runId, step: 'hold', reason: 'ShutdownError' }]);
        expect(again.attempt).toBe(1);
        expect(await scene.run(runId)).toMatchObject({ status: 'completed' });
        const effects = await scene.rows(
          `select distinct key, attempt from outside_effect where step = 'hold' and run_id = $1`,
          [runId],
        );
        expect(effects).toEqual([{ key: `${runId}:hold`, attempt: 1 }]);
        return waited;
      },
      (waited) => waited < 1_000,
    );

    expect(waited).toBeLessThan(1_000);
    expect(await scene.rows('select 1 from durable.attempt')).toEqual([]);
  });

  it('hands back what it can while a step still runs, and is taken for dead when it is killed then', async () => {
    const stayer = await scene.start('stayer');
    let started = 0;
    const waited = await inTurns(
      async () => {
        const leaver = await scene.start('leaver');
        const runId = await scene.startGated(leaver);
        expect(await leaver.start('trip', trips(20, 400))).toHaveLength(20);
        started += 20;
        return killedWhileItStops(leaver, runId, stayer);
      },
      (waited) => waited < 2_000,
    );

    expect(waited).toBeLessThan(2_000);
    expect(await scene.rows(`select 1 from durable.run where workflow = 'trip'`)).toHaveLength(started);
    expect(Object.keys(await scene.statuses())).toEqual(['completed']);
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });

  /** Milliseconds from the kill until the run stands at its gate elsewhere. */
  async function killedWhileItStops(leaver: AppProcess, runId: string, stayer: AppProcess): Promise<number> {
    const lease = (await scene.workerId(leaver))!;

    leaver.signal('SIGTERM');
    leaver.signal('SIGTERM');
    await eventually('all but one run to be handed back', async () => (await scene.heldBy(lease)).length === 1);
    expect(leaver.exit).toBeNull();
    const killedAt = performance.now();
    await leaver.kill();
    await stayer.reached(runId, 'hold');
    const waited = performance.now() - killedAt;
    const { deliveries } = await scene.run(runId);
    stayer.open(runId, 'hold');
    await scene.allEnded();

    expect(deliveries).toBe(2);
    return waited;
  }
});

// Covers the death of worker processes by SIGKILL: how soon others go on, and what is never repeated.
// A process that stops in order is in stopped-worker.spec.ts, one that only stands still in stalled-worker.spec.ts, and one
// that its own runs kill in poison.spec.ts.
import { stepsDeliveredAgain } from '../support/invariants.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { eventually } from '../support/eventually.js';
import { inTurns } from '../support/in-turns.js';
import { takeoverTimes, type TakeoverTimes } from '../support/processes/takeover.js';
import { trips, TRIP_STEPS, violationsOfTrips } from '../support/processes/trip.js';

describe('a worker that is killed', () => {
  let scene: CrashScene;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { concurrency: 250 } });
  });

  afterEach(async () => {
    await scene.clear();
  });

  it('loses its 100 runs to another worker within two seconds, and nothing that was done is done again', async () => {
    const survivor = await scene.start('survivor');
    let started = 0;
    const { inFlight, times } = await inTurns(
      async () => {
        const victim = await scene.start('victim');
        const [ids] = await Promise.all([
          victim.start('trip', trips(100, 800)),
          survivor.start('trip', trips(20, 800)),
        ]);
        started += 120;
        return killed(victim, ids);
      },
      ({ inFlight, times }) => inFlight === 100 && times.worst < 2_000,
    );

    expect(inFlight).toBe(100);
    expect(times.runs).toBeGreaterThanOrEqual(95);
    expect(times.worst).toBeLessThan(2_000);
    expect(await stepsDeliveredAgain(scene.client)).toBeGreaterThan(0);
    expect(await violationsOfTrips(scene.client)).toEqual({});
    expect(await scene.statuses()).toEqual({ completed: started });
  });

  /** Kills it in the middle of these runs, and resolves with when they went on. */
  async function killed(
    victim: AppProcess,
    ids: readonly string[],
  ): Promise<{ inFlight: number; times: TakeoverTimes }> {
    const lease = (await scene.workerId(victim))!;
    await eventually('steps of every kind to be journaled', async () => {
      const rows = await scene.rows('select key from durable.journal where run_id = any ($1::uuid[]) group by key', [
        ids,
      ]);
      return rows.length >= TRIP_STEPS.length - 2;
    });
    const killedAt = await victim.kill();
    const held = await scene.heldBy(lease);
    await scene.allEnded();
    return { inFlight: held.length, times: await takeoverTimes(scene.client, held, victim.pid, killedAt) };
  }

  it('is one of many: workers are killed one after the other under load, and every run ends once', async () => {
    const workers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => scene.start(name)));
    const caller = await scene.start('caller', { durable: { worker: false } });
    await caller.beginLoad('trip', { latency: 200 }, 25);
    for (const victim of workers.slice(0, -1)) {
      const lease = (await scene.workerId(victim))!;
      await eventually('the victim to hold runs', async () => (await scene.heldBy(lease)).length >= 3);
      await victim.kill();
      await eventually('its runs to be taken back', async () => (await scene.heldBy(lease)).length === 0);
    }
    expect(await caller.endLoad()).toEqual([]);
    await scene.allEnded();

    expect(await stepsDeliveredAgain(scene.client)).toBeGreaterThanOrEqual(workers.length - 1);
    expect(await violationsOfTrips(scene.client)).toEqual({});
    expect(await scene.statuses()).toEqual({ completed: caller.started.length });
  });
});

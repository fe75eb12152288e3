// Covers many processes that start at once where nothing is there yet. One process on an old or a newer schema is in
// integration/storage/migrations.spec.ts.
import { depth } from '../support/depth.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { trips, violationsOfTrips } from '../support/processes/trip.js';

const PROCESSES = depth(10, 5);

describe('processes that start at once on an empty database', () => {
  let scene: CrashScene;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { concurrency: 5 }, migrate: true }, { empty: true });
  });

  afterEach(async () => {
    await scene.clear();
  });

  it('migrate it once, and all of them work', async () => {
    const processes = await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) => scene.start(`process-${index + 1}`, { poolSize: 1 })),
    );
    await Promise.all(
      processes.map(async (process) => {
        await process.start('trip', trips(3, 20));
        process.open(await scene.startGated(process), 'hold');
      }),
    );
    await scene.allEnded();

    expect(processes.filter(({ log }) => log.includes('brought up to date'))).toHaveLength(1);
    const migrations = await scene.rows<{ name: string }>('select name from durable.migration order by name');
    expect(migrations.length).toBeGreaterThan(0);
    expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length);
    expect(await scene.rows('select id from durable.worker')).toHaveLength(PROCESSES);
    const active = await scene.rows<{ pid: number }>('select distinct pid from outside_effect');
    expect(new Set(active.map(({ pid }) => pid))).toEqual(new Set(processes.map(({ pid }) => pid)));
    expect(await scene.rows(`select from durable.run where workflow = 'trip'`)).toHaveLength(PROCESSES * 3);
    expect(Object.keys(await scene.statuses())).toEqual(['completed']);
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });
});

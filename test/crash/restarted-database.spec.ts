// Covers a PostgreSQL that is shut down or crashes under load and comes back. Single connections that end are in
// killed-connections.spec.ts.
import { depth } from '../support/depth.js';
import { eventually } from '../support/eventually.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { violationsOfTrips } from '../support/processes/trip.js';
import { RestartablePostgres } from '../support/restartable-postgres.js';

describe('a database that restarts under load', () => {
  let server: RestartablePostgres;
  let scene: CrashScene;

  beforeEach(async () => {
    server = await RestartablePostgres.start();
    scene = await CrashScene.on(server.url, { worker: { concurrency: 100 } });
  });

  afterEach(async () => {
    try {
      await scene.clear();
    } finally {
      await server.stop();
    }
  });

  it.each(depth(['fast', 'immediate'] as const, ['immediate'] as const))(
    'kills no process and loses nothing that was acknowledged (%s)',
    async (mode) => {
      await Promise.all([scene.start('a'), scene.start('b')]);
      const caller = await scene.start('caller', { durable: { worker: false } });
      await caller.beginLoad('trip', { latency: 60 }, 15);
      for (let restart = 1; restart <= 2; restart++) {
        const before = caller.started.length;
        await eventually('starts before the restart', () => caller.started.length >= before + 60);
        await server.restart(mode);
      }
      const before = caller.started.length;
      await eventually('starts after the last restart', () => caller.started.length >= before + 60, { within: 40_000 });
      const refused = await caller.endLoad();
      await scene.reconnect();
      await scene.allEnded({ within: 40_000 });

      expect(refused).toEqual([]);
      const runs = await scene.rows<{ id: string; status: string }>('select id, status from durable.run');
      expect(runs.filter(({ status }) => status !== 'completed')).toEqual([]);
      expect(new Set(runs.map(({ id }) => id))).toEqual(new Set(caller.started));
      expect(await violationsOfTrips(scene.client)).toEqual({});
    },
  );
});

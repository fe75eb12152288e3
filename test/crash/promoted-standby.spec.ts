// Covers a primary that dies under load and a standby that takes its place: workers find it through an address that names
// both, and everything acknowledged is there. A server that comes back itself: restarted-database.spec.ts. The form of
// such addresses: test/unit/storage/host-list.spec.ts.
import { DataSource } from 'typeorm';
import { durable, multiHost, type DurableContext } from '../../lib/index.js';
import { DurableApp, LogBook } from '../support/durable-app.js';
import { eventually } from '../support/eventually.js';
import { ReplicatedPostgres } from '../support/replicated-postgres.js';

const EACH_SIDE = 40;
const LOADERS = 4;

it('loses nothing that was acknowledged, and work goes on', async () => {
  const cluster = await ReplicatedPostgres.start();
  const calls = new Map<string, number>();
  const effect = (ctx: DurableContext) => ctx.manager.query('insert into effect values ($1)', [ctx.runId]);
  const plan = durable('trip')
    .step('book', (ctx) => void calls.set(ctx.runId, (calls.get(ctx.runId) ?? 0) + 1))
    .step('pay', effect, { transactional: true, maxAttempts: 100, backoff: () => 0.2 })
    .sleep('pause', 50)
    .step('mail', () => 'sent');
  const log = new LogBook();
  const apps: DurableApp[] = [];
  const boot = async (worker?: false): Promise<DurableApp> => {
    const app = await DurableApp.boot('', { workflows: [plan], worker, typeorm: multiHost(cluster.url) }, log);
    apps.push(app);
    return app;
  };
  try {
    const { dataSource } = await boot();
    await dataSource.query('create table effect (run_id uuid)');
    const { runner } = await boot(false);
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    let over = false;
    const load = Array.from({ length: LOADERS }, async () => {
      while (!over) {
        await runner.start('trip').then(
          ({ id }) => acknowledged.push(id),
          (error: unknown) => refused.push(error),
        );
      }
    });
    await eventually('starts on the primary', () => acknowledged.length >= EACH_SIDE);
    await cluster.killPrimary();
    const before = acknowledged.length;
    await cluster.promote();
    await eventually('starts on the new primary', () => acknowledged.length >= before + EACH_SIDE, { within: 60_000 });
    over = true;
    await Promise.all(load);
    await Promise.all(acknowledged.map((id) => runner.result(id, { timeout: '60s' })));

    expect(refused).toEqual([]);
    const look = await new DataSource({ type: 'postgres', url: cluster.standbyUrl }).initialize();
    const there = await look.query<{ id: string }[]>(`select id from durable.run where status = 'completed'`);
    const wrong = await look.query<unknown[]>(
      `select r.id from durable.run r where
        (select count(*) from effect e where e.run_id = r.id) <> 1 or
        (select count(*) from durable.journal j where j.run_id = r.id and j.key in ('book', 'pay', 'mail')) <> 3`,
    );
    await look.destroy();
    expect(new Set(there.map(({ id }) => id))).toEqual(new Set(acknowledged));
    expect(wrong).toEqual([]);
    // What was under way when the server died may be begun again, and nothing else.
    expect([...calls.values()].every((times) => times <= 2)).toBe(true);
  } finally {
    for (const app of apps) await app.close();
    await cluster.stop();
  }
});

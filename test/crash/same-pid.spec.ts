// Covers what makes a worker the same worker: nothing but its id, not its host, pid and name, which a new process can have
// again. What happens to the runs of dead workers otherwise is in killed-worker.spec.ts.
import { eventually } from '../support/eventually.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { trips } from '../support/processes/trip.js';

const DEAD = '00000000-0000-7000-8000-00000000dead';

describe('a process with the host, pid and name of one that died', () => {
  let scene: CrashScene;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { id: 'shop-1', concurrency: 1 } });
  });

  afterEach(async () => {
    await scene.clear();
  });

  it('is another worker: it takes the runs of the dead one over and keeps its own', async () => {
    const worker = await scene.start('worker');
    const [own, waiting] = (await worker.start('gated', [null, null])) as [string, string];
    await worker.reached(own, 'hold');
    const lease = await scene.workerId(worker);
    // In one transaction with the look at the twins: nobody has noticed by then that one of them is dead.
    await scene.rows('begin');
    await scene.rows(
      `with predecessor as (
         insert into durable.worker
         select (jsonb_populate_record(w, jsonb_build_object('id', $2::text, 'lock_key', 4711, 'expires_at', now() + interval '1 day'))).*
           from durable.worker w where id = $1
       )
       update durable.run set worker_id = $2::uuid, status = 'running', epoch = 1, deliveries = 1, due_at = null where id = $3`,
      [lease, DEAD, waiting],
    );
    const twins = await scene.rows('select host, pid, name from durable.worker group by 1, 2, 3 having count(*) = 2');
    await scene.rows('commit');
    expect(twins).toEqual([{ host: expect.any(String), pid: worker.pid, name: 'shop-1' }]);

    await eventually('the dead one to be noticed', async () => (await scene.run(waiting)).worker_id === null);
    expect(await scene.rows('select id from durable.worker')).toEqual([{ id: lease }]);
    expect(await scene.run(own)).toMatchObject({ status: 'running', worker_id: lease, epoch: 1 });
    worker.open(own, 'hold');
    await worker.reached(waiting, 'hold');
    worker.open(waiting, 'hold');
    await scene.allEnded();

    expect(await scene.run(own)).toMatchObject({ status: 'completed', epoch: 1, deliveries: 0 });
    expect(await scene.run(waiting)).toMatchObject({ status: 'completed', epoch: 3 });
    await worker.start('trip', trips(1, 0));
    await scene.allEnded();
    expect(await scene.workerId(worker)).toBe(lease);
  });
});

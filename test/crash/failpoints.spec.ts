// Covers what failpoints do to a real process, so that what the other crash tests build upon is known to happen: each action
// at a place where its effect can be told apart. The points and their grammar are in test/unit/support/failpoints.spec.ts.
import { eventually } from '../support/eventually.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { trips, violationsOfTrips } from '../support/processes/trip.js';

describe('a failpoint', () => {
  let scene: CrashScene;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { leaseDuration: '2s' } });
  });

  afterEach(async () => {
    await scene.clear();
  });

  async function journaled(queue: string): Promise<string[]> {
    const rows = await scene.rows<{ key: string }>(
      'select j.key from durable.journal j join durable.run r on r.id = j.run_id where r.queue = $1 order by j.position',
      [queue],
    );
    return rows.map(({ key }) => key);
  }

  /** Starts a process of its own for each specification, with a queue of its own, and a trip in each. */
  async function startTrips(failpoints: readonly string[]): Promise<readonly { process: AppProcess; queue: string }[]> {
    return Promise.all(
      failpoints.map(async (specification, index) => {
        const queue = `queue-${index}`;
        const process = await scene.start(queue, {
          failpoints: specification,
          durable: { queue, worker: {} },
        });
        process.endExpected = specification.includes('kill');
        await process.start('trip', trips(1, 0));
        return { process, queue };
      }),
    );
  }

  it('kills before or behind the commit of a write, and the next process goes on from there', async () => {
    const left = {
      'flush:before=kill@2': ['quote', 'seat'],
      'flush:before-commit=kill@2': ['quote', 'seat'],
      'flush:after-commit=kill@2': ['quote', 'seat', 'pay'],
      'txstep:in-transaction=kill@1': ['quote'],
      'txstep:after-commit=kill@1': ['quote', 'seat'],
    };
    const victims = await startTrips(Object.keys(left));
    for (const [at, { process, queue }] of victims.entries()) {
      await expect(process.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
      expect(await journaled(queue)).toEqual(Object.values(left)[at]);
    }
    await scene.rows(`update durable.run set queue = 'durable'`);
    await scene.start('heir');
    await scene.allEnded();

    expect(await scene.statuses()).toEqual({ completed: victims.length });
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });

  it('that cuts or refuses is survived, wherever it hits', async () => {
    await startTrips([
      ...['before', 'in-transaction', 'before-commit'].map(
        (place) => `flush:${place}=cut@1;txstep:${place}=throw:40001@1;complete:${place}=throw:57P01@1`,
      ),
      'flush:after-commit=cut@1;txstep:after-commit=cut@1;complete:after-commit=throw:08006@1',
    ]);
    await scene.allEnded();

    expect(await scene.statuses()).toEqual({ completed: 4 });
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });

  it('holds a write at its gate, and nothing else of the process', async () => {
    const worker = await scene.start('worker', { failpoints: 'txstep:before-commit=gate@1' });
    await worker.start('trip', trips(1, 0));
    await eventually('a step to stand before its commit', () => worker.hits.length > 0);
    expect(worker.hits).toEqual([{ type: 'failpoint', point: 'txstep', place: 'before-commit', hit: 1 }]);
    await worker.start('gated', [null]);
    await eventually('another run to go on', () => worker.waiting[0]);
    expect(await scene.rows('select from inside_effect')).toEqual([]);
    worker.release('txstep');
    worker.open(worker.waiting[0].runId, 'hold');
    await scene.allEnded();

    expect(await scene.statuses()).toEqual({ completed: 2 });
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });

  it('blocks all of the process for longer than its lease, and what it wrote then is fenced', async () => {
    const victim = await scene.start('victim', { failpoints: 'step:before=block:6000@1' });
    const heir = await scene.start('heir');
    const [runId] = (await victim.start('trip', trips(1, 0))) as [string];
    await scene.allEnded();
    await eventually('a lost lease to be noticed', () => victim.log.includes('lost its lease'));

    expect(await scene.run(runId)).toMatchObject({ status: 'completed', epoch: 3 });
    const [{ pid }] = await scene.rows<{ pid: number }>(`select pid from inside_effect where step = 'seat'`);
    expect(pid).toBe(heir.pid);
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });

  it('that is not understood ends the process before anything is done, and says what there is', async () => {
    const process = await scene.spawn('worker', { failpoints: 'setp:before=kill' });
    process.endExpected = true;
    await expect(process.exited).resolves.toEqual({ code: 1, signal: null });
    expect(process.log).toContain('The failpoint "setp:before=kill" is not understood: there is no point "setp".');
    expect(process.log).toContain('points:  start, claim, heartbeat,');
    expect(await scene.rows('select from durable.worker')).toEqual([]);
  });
});

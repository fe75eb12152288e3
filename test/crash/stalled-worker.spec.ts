// Covers processes that stand still for longer than their lease, by SIGSTOP or by a blocked event loop, or for less while
// their lock is lost, and go on then.
// Processes that die are in killed-worker.spec.ts.
import {
  changedKeys,
  incompleteJournals,
  journaledStepsThatRanAgain,
  transactionalEffectsNotOnce,
} from '../support/invariants.js';
import { eventually } from '../support/eventually.js';
import { inTurns } from '../support/in-turns.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { TRANSACTIONAL_STEPS, trips, TRIP_STEPS, violationsOfTrips } from '../support/processes/trip.js';

const GATED = 5;
const GATED_STEPS = ['before', 'hold', 'after'];
const LEASE_MS = 2_000;
/** The end of a lease is noticed by the second look at the latest, one a second at the most. */
const TAKEN_OVER_MS = LEASE_MS + 1_500;
/** Until somebody else has long had its run. */
const BLOCKED_MS = 6_000;

describe('a worker that stands still for longer than its lease', () => {
  let scene: CrashScene;
  let stalled: AppProcess;
  let heir: AppProcess;
  let lease: string;
  /** The stalled process's connections for checkpoints. */
  let backends: number[];

  beforeEach(async () => {
    // One name for both: a name is no identity.
    scene = await CrashScene.set({ worker: { leaseDuration: LEASE_MS, id: 'twin' } });
    stalled = await scene.start('stalled');
    await stalled.start('trip', trips(1, 0));
    await scene.allEnded();
    await eventually('both checkpoint connections', async () => {
      await stalled.start('trip', trips(5, 0));
      return (await scene.checkpointBackends()).length === 2;
    });
    await scene.allEnded();
    backends = await scene.checkpointBackends();
    lease = (await scene.workerId(stalled))!;
  });

  afterEach(async () => {
    await scene.clear();
  });

  /** One of them at least: until it has a lease again, what it starts is anybody's. */
  async function executesNewRuns(process: AppProcess): Promise<void> {
    await eventually('a run that the process executes itself', async () => {
      const [runId] = (await process.start('trip', trips(1, 0))) as [string];
      await scene.allEnded();
      const effects = await scene.rows<{ pid: number }>('select distinct pid from outside_effect where run_id = $1', [
        runId,
      ]);
      expect(effects).toHaveLength(1);
      return effects[0].pid === process.pid;
    });
  }

  /** Blocks the process that is to stand still. A run that it starts while it has no lease would block the heir instead. */
  function spin(): Promise<string> {
    return eventually('a step that blocks the process', async () => {
      const [runId] = (await stalled.start('spin', [{ ms: BLOCKED_MS }])) as [string];
      const first = await eventually('its beginning', async () => {
        const effects = await scene.rows<{ pid: number }>(
          'select pid from outside_effect where run_id = $1 order by id',
          [runId],
        );
        return effects[0];
      });
      if (first.pid === stalled.pid) return runId;
      await scene.allEnded();
      return null;
    });
  }

  /** Stops the process, and resolves with the milliseconds until these runs stand at their gates elsewhere. */
  async function stop(gated: readonly string[]): Promise<number> {
    stalled.signal('SIGSTOP');
    const stoppedAt = performance.now();
    await Promise.all(gated.map((runId) => heir.reached(runId, 'hold')));
    return performance.now() - stoppedAt;
  }

  async function stopOnceMore(): Promise<number> {
    const former = (await scene.workerId(stalled))!;
    const [runId] = (await stalled.start('gated', [null])) as [string];
    await stalled.reached(runId, 'hold');
    const waited = await stop([runId]);
    stalled.signal('SIGCONT');
    await leaseOtherThan(former);
    for (const process of [stalled, heir]) process.open(runId, 'hold');
    await scene.allEnded();
    return waited;
  }

  async function leaseOtherThan(former: string): Promise<void> {
    await eventually('a new lease', async () => ![former, undefined].includes(await scene.workerId(stalled)));
  }

  it('is replaced while it is stopped; then its steps are aborted, what they return changes nothing, and it goes on', async () => {
    const gated = await stalled.start('gated', Array<null>(GATED).fill(null));
    await Promise.all(gated.map((runId) => stalled.reached(runId, 'hold')));
    heir = await scene.start('heir');
    lease = (await scene.workerId(stalled))!;
    await stalled.start('trip', trips(30, 700));

    const waited = await stop(gated);
    const [early, ...late] = gated as [string, ...string[]];
    heir.open(early, 'hold');
    await eventually('a gated run to end', async () => (await scene.run(early)).status === 'completed');
    stalled.signal('SIGCONT');
    await eventually('all steps to be aborted', () => stalled.aborted.length === GATED);
    await leaseOtherThan(lease);
    // Its steps return while the heir's still run, and one where that has ended already.
    for (const runId of gated) stalled.open(runId, 'hold');
    for (const runId of late) heir.open(runId, 'hold');
    await scene.allEnded();

    expect(new Set(stalled.aborted.map(({ reason }) => reason))).toEqual(new Set(['LeaseLostError']));
    expect(stalled.log).toContain('Worker twin lost its lease');
    const holders = await scene.rows(`select distinct result ->> 'pid' as pid from durable.journal where key = 'hold'`);
    expect(holders).toEqual([{ pid: String(heir.pid) }]);
    expect(await incompleteJournals(scene.client, 'gated', GATED_STEPS)).toEqual([]);
    expect(await incompleteJournals(scene.client, 'trip', TRIP_STEPS)).toEqual([]);
    expect(await transactionalEffectsNotOnce(scene.client, TRANSACTIONAL_STEPS)).toEqual([]);
    expect(await changedKeys(scene.client)).toEqual([]);
    expect(await journaledStepsThatRanAgain(scene.client, { zombie: stalled.pid })).toEqual([]);
    await executesNewRuns(stalled);
    const soonest = waited < TAKEN_OVER_MS ? waited : await inTurns(stopOnceMore, (ms) => ms < TAKEN_OVER_MS);
    expect(soonest).toBeLessThan(TAKEN_OVER_MS);
  });

  it('is replaced while a step blocks its event loop, fenced when that step returns, and goes on', async () => {
    heir = await scene.start('heir');
    const spinning = await spin();
    lease = (await scene.workerId(stalled))!;
    await eventually(
      'the run to be taken over and ended',
      async () => (await scene.run(spinning)).status === 'completed',
    );
    const [{ began_at: began }] = await scene.rows<{ began_at: Date }>(
      `select began_at from outside_effect where run_id = $1 and pid = $2`,
      [spinning, stalled.pid],
    );
    await eventually('a late checkpoint', () => scene.wroteSince(backends, new Date(began.getTime() + BLOCKED_MS)));
    await leaseOtherThan(lease);

    const effects = await scene.rows(`select pid from outside_effect where run_id = $1 and step = 'spin' order by id`, [
      spinning,
    ]);
    expect(effects).toEqual([{ pid: stalled.pid }, { pid: heir.pid }]);
    const [journaled] = await scene.rows(
      `select result, epoch from durable.journal where run_id = $1 and key = 'spin'`,
      [spinning],
    );
    // Started by the stalled process (epoch 1), handed back by the sweep (2), claimed by the heir (3).
    expect(journaled).toEqual({ result: { pid: heir.pid }, epoch: 3 });
    expect(stalled.log).toContain('Worker twin lost its lease');
    await executesNewRuns(stalled);
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });
});

/** The server process that holds the lock of a worker. */
const CONTROL_BACKEND = `
select l.pid from pg_locks l join durable.worker w on w.lock_key = (l.classid::bigint << 32) | l.objid::bigint
 where l.locktype = 'advisory' and w.id = $1`;
const CHECKPOINTS_WAITING = `
select pid from pg_stat_activity where datname = current_database() and application_name like 'nest-durable:checkpoint-%' and wait_event_type = 'Lock'`;

it('begins no step that its heir has done, when it stood still within its lease and lost its lock meanwhile', async () => {
  const scene = await CrashScene.set({ worker: { leaseDuration: '60s' } });
  try {
    const stalled = await scene.start('stalled');
    const lease = await scene.workerId(stalled);
    const [runId] = (await stalled.start('gated', [null])) as [string];
    await stalled.reached(runId, 'hold');
    const heir = await scene.start('heir');
    const stopper = await scene.connect();
    await stopper.query('begin; lock table durable.journal in share mode');
    stalled.open(runId, 'hold');
    await eventually('a checkpoint to wait', async () => (await scene.rows(CHECKPOINTS_WAITING)).length === 1);

    stalled.signal('SIGSTOP');
    // Committed, and acknowledged to a process that does not hear it yet.
    await stopper.query('commit');
    await stopper.end();
    const [control] = await scene.rows<{ pid: number }>(CONTROL_BACKEND, [lease]);
    await scene.rows('select pg_terminate_backend($1)', [control.pid]);
    await eventually('the heir to end the run', async () => (await scene.run(runId)).status === 'completed');
    stalled.signal('SIGCONT');
    await eventually('a new lease', async () => ![lease, undefined].includes(await scene.workerId(stalled)));

    const effects = await scene.rows('select step, pid from outside_effect where run_id = $1 order by id', [runId]);
    expect(effects).toEqual([
      { step: 'before', pid: stalled.pid },
      { step: 'hold', pid: stalled.pid },
      { step: 'after', pid: heir.pid },
    ]);
    expect(stalled.log).toContain('another worker declared it dead');
  } finally {
    await scene.clear();
  }
});

// Covers runs that kill the process which executes them: they end after `maxAttempts` deliveries, and the others progress.
// Processes that are killed from outside are in killed-worker.spec.ts.
import { jest } from '@jest/globals';
import { depth } from '../support/depth.js';
import { eventually } from '../support/eventually.js';
import { CrashScene } from '../support/processes/crash-scene.js';
import { Supervisor } from '../support/processes/supervisor.js';
import { trips, violationsOfTrips } from '../support/processes/trip.js';

jest.setTimeout(400_000);

/** Each life begins with a start of a process, which takes a busy machine ten seconds and more. */
const LIVES = { within: 300_000 };

/** The fewest in which a killer and what it took down can be told apart, and the default. */
describe.each(depth([2, 5], [2]))('a run that kills its worker every time, with %i deliveries', (deliveries) => {
  const givenUp = {
    name: 'DeliveryLimitError',
    message: expect.stringContaining(`given up after ${deliveries} deliveries`),
  };
  let scene: CrashScene;
  let supervisor: Supervisor;

  beforeEach(async () => {
    scene = await CrashScene.set({ maxAttempts: deliveries, worker: {} });
    supervisor = new Supervisor(scene, 'worker');
  });

  afterEach(async () => {
    supervisor.stop();
    await scene.clear();
  });

  /** Starts runs where nobody executes them, so that one claim takes them all. */
  async function start(runs: Record<string, unknown[]>): Promise<Record<string, string[]>> {
    const caller = await scene.start('caller', { durable: { worker: false } });
    const started: Record<string, string[]> = {};
    for (const [workflow, inputs] of Object.entries(runs)) started[workflow] = await caller.start(workflow, inputs);
    return started;
  }

  /** A delivery may also end by another run, before this step has begun. */
  async function expectBegunInDeliveries(runId: string, step: string): Promise<void> {
    const text = 'select pid from outside_effect where run_id = $1 and step = $2';
    const rows = await scene.rows<{ pid: number }>(text, [runId, step]);
    expect(rows.length).toBeGreaterThanOrEqual(1);
    expect(rows.length).toBeLessThanOrEqual(deliveries);
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(rows.length);
  }

  it('fails after as many deliveries as are allowed, or its compensation does, and the others complete', async () => {
    const started = await start({
      trip: trips(30, 100),
      poison: [{ how: 'abort' }],
      'poison-undo': [{ how: 'exit' }],
    });
    await supervisor.start();
    await scene.allEnded(LIVES);

    const [poison, undo] = [started.poison[0], started['poison-undo'][0]];
    expect(await scene.run(poison)).toMatchObject({ status: 'failed', error: givenUp });
    await expectBegunInDeliveries(poison, 'die');
    expect(await scene.run(undo)).toMatchObject({ status: 'compensation_failed', error: givenUp });
    await expectBegunInDeliveries(undo, 'undo:book');
    expect(await scene.rows(`select 1 from durable.run where workflow = 'trip' and status = 'completed'`)).toHaveLength(
      30,
    );
    expect(await violationsOfTrips(scene.client)).toEqual({});
    // A life may end by both at once.
    expect(supervisor.exits.length).toBeGreaterThanOrEqual(deliveries);
    expect(supervisor.exits.every(({ code, signal }) => code === 13 || signal === 'SIGABRT')).toBe(true);
  });

  it('does not drag down those that are claimed with it, although they never get a turn before it dies', async () => {
    const started = await start({ 'poison-at-once': [{ how: 'exit' }], trip: trips(50, 20) });
    await supervisor.start();
    await eventually(
      'the poison to be given up',
      async () => {
        return (await scene.run(started['poison-at-once'][0])).status === 'failed';
      },
      LIVES,
    );
    await scene.allEnded();

    expect(await scene.statuses()).toEqual({ failed: 1, completed: 50 });
    expect(supervisor.exits).toHaveLength(deliveries);
    expect(await violationsOfTrips(scene.client)).toEqual({});
  });
});

// Covers a rolling deploy: a process with changed code joins one with the former code, which is then stopped or killed,
// while runs are in flight in every state. What counts as a change, and the states one by one, are in
// test/integration/deploys.
import { isTerminal } from '../../lib/index.js';
import type { TourInput, TourState } from '../support/crash-app/deploy-workflows.js';
import { DurableApp, LogBook } from '../support/durable-app.js';
import { eventually } from '../support/eventually.js';
import { journaledStepsThatRanAgain, stepsThatRanOutOfOrder } from '../support/invariants.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';

const STATES: readonly TourState[] = ['step', 'retry', 'child', 'signal', 'undo', 'sleep', 'end'];
/** Longer than any test: the test itself lets it pass. */
const SLEEP_MS = 3_600_000;

/** Runs of one workflow, by the state that the former code keeps them in; and one that is to begin after the deploy. */
interface Fleet {
  readonly runs: ReadonlyMap<TourState, string>;
  readonly delayed: string;
}

describe('a rolling deploy', () => {
  let scene: CrashScene;
  /** Starts and looks, executes nothing. */
  let observer: DurableApp;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: { concurrency: 50, shutdownTimeout: '1s', leaseDuration: '3s' } });
    observer = await DurableApp.boot(scene.url, { worker: false }, new LogBook());
  });

  afterEach(async () => {
    await observer.close();
    await scene.clear();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'loses no run, fails none, and lets no code run what does not fit it, when the former process ends by %s',
    async (signal) => {
      const former = await scene.start('former', { code: 'former' });
      const tours = await launch('tour');
      const walks = await launch('walk');
      await bothKept(former, tours, walks);

      const changed = await scene.start('changed', { code: 'changed' });
      const second = await observer.runner.start('tour', { until: 'end', sleep: 0 }, { version: 2 });
      await second.result({ timeout: '60s' });
      former.signal(signal);
      if (signal === 'SIGTERM') for (const { runs } of [tours, walks]) former.open(runs.get('step')!, 'stop');
      expect(await former.exited).toEqual(signal === 'SIGTERM' ? { code: 0, signal: null } : { code: null, signal });
      for (const { runs, delayed } of [tours, walks]) {
        await observer.runner.signal(runs.get('signal')!, 'go');
        await letTimePass(runs.get('sleep')!, delayed);
      }

      const passed = STATES.filter((state) => state !== 'end').map((state) => tours.runs.get(state)!);
      await standStill(passed);
      expect(await stepsIn(changed, passed)).toEqual([]);
      expect(await stepsIn(changed, [tours.delayed])).toContain('load');
      expect(await stepsIn(changed, [walks.runs.get('signal')!])).toContain('thank');
      expect(await stepsIn(former, [second.id])).toEqual([]);

      await scene.start('fixed', { code: 'fixed' });
      await scene.allEnded();
      expect(await stepsIn(changed, passed)).toEqual([]);
      for (const { runs } of [tours, walks]) await expectEndings(runs);
      // Seven runs of each workflow and the delayed one, a child of each, and the one of the second version.
      expect(await scene.statuses()).toEqual({ completed: 31, failed: 2 });
      expect(await journaledStepsThatRanAgain(scene.client)).toEqual([]);
      expect(await stepsThatRanOutOfOrder(scene.client)).toEqual([]);
    },
  );

  /** As if the hour had passed that one sleeps and the other is to begin after. */
  async function letTimePass(sleeping: string, delayed: string): Promise<void> {
    await scene.rows(
      `update durable.journal set result = json_build_object('until', now()) where run_id = $1 and key = 'wait:rest'`,
      [sleeping],
    );
    await scene.rows('update durable.run set due_at = now() where id = any ($1::uuid[])', [[sleeping, delayed]]);
  }

  /** Resolves when these runs are stopped, and all others have ended. */
  async function standStill(ids: readonly string[]): Promise<void> {
    let open: { id: string; workflow: string; status: string; cursor: number; code: string | null; due: boolean }[] =
      [];
    try {
      await eventually('what does not fit to stand still, and the rest to end', async () => {
        open = await scene.rows(
          `select id, workflow, status, cursor, error ->> 'code' as code, due_at is not null as due
             from durable.run where finished_at is null order by id`,
        );
        const stopped = open.filter(({ code, due }) => code === 'DURABLE_PLAN_CHANGED' && !due);
        return (
          open.length === ids.length && stopped.length === ids.length && stopped.every(({ id }) => ids.includes(id))
        );
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${JSON.stringify(open, null, 1)}`, { cause: error });
    }
  }

  async function launch(workflow: string): Promise<Fleet> {
    const { runner } = observer;
    const start = async (until: TourState, delay?: string): Promise<string> => {
      const input: TourInput = { until, sleep: SLEEP_MS };
      const run = await runner.start(workflow, input, delay === undefined ? {} : { delay });
      if (until !== 'signal') await run.signal('go');
      return run.id;
    };
    const runs = new Map<TourState, string>();
    for (const state of STATES) runs.set(state, await start(state));
    return { runs, delayed: await start('end', '1h') };
  }

  /** Resolves when every run is where the former code keeps it. */
  async function bothKept(former: AppProcess, ...fleets: readonly Fleet[]): Promise<void> {
    for (const { runs } of fleets) {
      await former.reached(runs.get('step')!, 'stop');
      await former.reached(runs.get('undo')!, 'undo:pack');
      const { children } = await untilStep(runs.get('child')!, 3, (run) => run.status === 'suspended');
      await former.reached(children[0].id, 'look');
      await untilStep(runs.get('retry')!, 1, (run) => run.attempt > 1);
      await untilStep(runs.get('signal')!, 4, (run) => run.awaitingSignal === 'go');
      await untilStep(runs.get('sleep')!, 5, (run) => run.wakeAt !== null);
      await untilStep(runs.get('end')!, 7, (run) => isTerminal(run.status));
    }
  }

  type Snapshot = Awaited<ReturnType<DurableApp['runner']['find']>>;

  function untilStep(id: string, cursor: number, is: (run: Snapshot) => boolean): Promise<Snapshot> {
    return eventually(`run ${id} to be kept at node ${cursor}`, async () => {
      const run = await observer.runner.find(id, { children: true });
      return run.currentStep === cursor && is(run) ? run : null;
    });
  }

  /** What a process did for these runs. */
  async function stepsIn({ pid }: AppProcess, ids: readonly string[]): Promise<string[]> {
    const rows = await scene.rows<{ step: string }>(
      'select step from outside_effect where pid = $1 and run_id = any ($2::uuid[])',
      [pid, ids],
    );
    return rows.map(({ step }) => step);
  }

  async function expectEndings(runs: Fleet['runs']): Promise<void> {
    for (const [state, id] of runs) {
      const run = await observer.runner.find(id);
      const undone = state === 'undo';
      expect({ state, status: run.status }).toEqual({ state, status: undone ? 'failed' : 'completed' });
      expect(run.error?.message ?? null).toBe(undone ? 'no way home' : null);
      expect(Object.keys(run.results)).toEqual(
        expect.arrayContaining(['pack', 'drive', 'stop', 'visit', 'call', 'rest']),
      );
    }
  }
});

/*
 * Covers many races of real runs on two applications: whatever a run waits for comes at a random moment around its
 * park, its timeout or its end. No wake-up is lost: every run ends long before anybody polls, and at no instant a run is
 * parked for good although what it waits for is there. All orders of a single race are in the other files of this folder.
 */
import { jest } from '@jest/globals';
import { durable, type DurableRunner, type RunHandle, type WorkerOptions } from '../../../lib/index.js';
import { PostgresWakeupChannel } from '../../../lib/storage/postgres/postgres-wakeup-channel.js';
import { depth } from '../../support/depth.js';
import { DurableApps } from '../../support/durable-app.js';
import { Dice } from '../../support/interleaving/dice.js';
import { FORGOTTEN_RUNS } from '../../support/interleaving/forgotten-runs.js';
import { inTurn } from '../../support/interleaving/in-turn.js';

jest.setTimeout(120_000);

/** Nobody finds anything by polling within a test. */
const NO_POLLS = { pollInterval: '5m', leaseDuration: '10m', concurrency: 60 };
/** Polls alone have to find everything. */
const ONLY_POLLS = { pollInterval: '50ms', concurrency: 60 };
/** What any of the races takes on a machine that is very busy; the polls are further apart. */
const PATIENCE = { timeout: '60s' } as const;
const RACES = depth(1_000, 500);
const AT_ONE_TIME = 40;

const apps = new DurableApps();
const ask = inTurn((text: string, values: unknown[] = []) => apps.sql<{ id: string }>(text, values));
const seed = Date.now() % 1_000_000;
const dice = new Dice(seed);

const plans = [
  durable('waits').waitForSignal('approval', 'go'),
  durable('waits-a-moment').waitForSignal('approval', 'go', { timeout: '15ms' }).waitForAny('later', ['go', 'stop']),
  durable('waits-for-any').waitForAny('choice', ['yes', 'no']),
  durable('waits-twice').waitForSignal('first', 'go').waitForSignal('second', 'go'),
  durable('asks').step('ask', (ctx) => ctx.resumeData() ?? { status: 'suspended' }),
  durable('leaf').step('work', () => 1),
  durable('leaf-in-transaction').step('work', (ctx) => ctx.manager.query('select 1 as one'), { transactional: true }),
  durable('leaf-that-waits').waitForSignal('approval', 'go'),
  durable('parent').childWorkflow('child', 'leaf'),
  durable('parent-in-transaction').childWorkflow('child', 'leaf-in-transaction'),
  durable('parent-that-waits').childWorkflow('child', 'leaf-that-waits'),
  durable('parent-that-terminates').childWorkflow('child', 'leaf-that-waits', undefined, { parentClose: 'terminate' }),
];

type Runners = readonly DurableRunner[];
type Race = (runners: Runners) => Promise<void>;

/** Starts a run on one of the applications; what is done with it goes through any of them. */
async function begin(runners: Runners, workflow: string): Promise<RunHandle> {
  return dice.pick(runners).start(workflow);
}

function signals(runners: Runners, run: RunHandle, name: string, payload: unknown): Promise<{ accepted: boolean }> {
  return dice.pick(runners).signal(run.id, name, payload);
}

const races: Record<string, Race> = {
  'a signal around the park': async (runners) => {
    const run = await begin(runners, 'waits');
    await dice.moment(8);
    await signals(runners, run, 'go', 1);
    expect(await run.result(PATIENCE)).toEqual({ approval: 1 });
  },
  'a signal around the timeout': async (runners) => {
    const run = await begin(runners, 'waits-a-moment');
    await dice.moment(30);
    await signals(runners, run, 'go', 1);
    await signals(runners, run, 'stop', 2);
    const { approval, later } = await run.result(PATIENCE);
    expect(later.signal).toBe(approval === 1 ? 'stop' : 'go');
  },
  'the first of two signals': async (runners) => {
    const run = await begin(runners, 'waits-for-any');
    await dice.moment(8);
    const [yes] = await Promise.all([signals(runners, run, 'yes', 1), signals(runners, run, 'no', 2)]);
    const { choice } = await run.result(PATIENCE);
    expect(choice.signal).toBe(yes.accepted ? 'yes' : choice.signal);
  },
  'two signals for two waits': async (runners) => {
    const run = await begin(runners, 'waits-twice');
    await dice.moment(8);
    const sent = [signals(runners, run, 'go', 1)];
    await dice.moment(8);
    await Promise.all([...sent, signals(runners, run, 'go', 2)]);
    expect(Object.values(await run.result(PATIENCE)).sort()).toEqual([1, 2]);
  },
  'a resume around the suspension': async (runners) => {
    const run = await begin(runners, 'asks');
    for (let accepted = false; !accepted; await dice.moment(4)) {
      ({ accepted } = await dice.pick(runners).resume(run.id, 'answer'));
    }
    expect(await run.result(PATIENCE)).toEqual({ ask: 'answer' });
  },
  'a cancel around the park': async (runners) => {
    const run = await begin(runners, 'waits');
    await dice.moment(8);
    const [{ accepted }] = await Promise.all([run.cancel(), signals(runners, run, 'go', 1)]);
    const ended = await run.result(PATIENCE).then(
      () => 'completed',
      () => 'canceled',
    );
    expect(ended).toBe(accepted ? 'canceled' : 'completed');
  },
  'the end of a child around the park of its parent': async (runners) => {
    const run = await begin(runners, dice.pick(['parent', 'parent-in-transaction']));
    await run.result(PATIENCE);
  },
  'a signal that ends a child': async (runners) => {
    const run = await begin(runners, 'parent-that-waits');
    await dice.moment(8);
    const child = await childOf(run.id);
    await dice.pick(runners).signal(child, 'go', 1);
    expect(await run.result(PATIENCE)).toEqual({ child: { approval: 1 } });
  },
  'a cancel around the birth of a child': async (runners) => {
    const run = await begin(runners, dice.pick(['parent-that-waits', 'parent-that-terminates']));
    await dice.moment(8);
    await run.cancel();
    await expect(run.result(PATIENCE)).rejects.toThrow('canceled');
    const [child] = await children(run.id);
    if (child) await expect(dice.pick(runners).result(child, PATIENCE)).rejects.toThrow('canceled');
  },
};

async function children(runId: string): Promise<string[]> {
  return (await ask('select id from durable.run where parent_id = $1', [runId])).map(({ id }) => id);
}

async function childOf(runId: string): Promise<string> {
  for (;;) {
    const [child] = await children(runId);
    if (child) return child;
  }
}

/** Runs that many races, a few at one time, and looks for forgotten runs all the while. */
async function raceOften(runners: Runners, count: number): Promise<void> {
  const names = Object.keys(races);
  let next = 0;
  let over = false;
  const racer = async (): Promise<void> => {
    while (next < count) {
      const name = names[next++ % names.length];
      await races[name](runners).catch((cause: unknown) => {
        throw new Error(`${name} (seed ${seed})`, { cause });
      });
    }
  };
  const watch = async (): Promise<void> => {
    for (; !over; await dice.moment(50)) expect(await ask(FORGOTTEN_RUNS)).toEqual([]);
  };
  const racing = Promise.all(Array.from({ length: AT_ONE_TIME }, racer)).finally(() => (over = true));
  await Promise.all([racing, watch()]);
}

function unfinished(): Promise<unknown[]> {
  return ask('select id, workflow, status from durable.run where finished_at is null or worker_id is not null');
}

async function bootTwoWorkers(worker: WorkerOptions): Promise<Runners> {
  const booted = [await apps.boot({ workflows: plans, worker }), await apps.boot({ workflows: plans, worker })];
  const web = await apps.boot({ worker: false });
  return [...booted, web].map(({ runner }) => runner);
}

it(`loses no wake-up in ${RACES} races, although nobody polls`, async () => {
  const runners = await bootTwoWorkers(NO_POLLS);
  const began = performance.now();
  await raceOften(runners, RACES);
  process.stdout.write(`${RACES} races in ${Math.round(performance.now() - began)} ms (seed ${seed})\n`);
  expect(await unfinished()).toEqual([]);
});

it('loses none by polling alone either, when no notification comes through', async () => {
  const dumb = jest.spyOn(PostgresWakeupChannel.prototype, 'notify').mockImplementation(() => undefined);
  try {
    await raceOften(await bootTwoWorkers(ONLY_POLLS), 200);
    expect(await unfinished()).toEqual([]);
  } finally {
    dumb.mockRestore();
  }
});

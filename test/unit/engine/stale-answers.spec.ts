// Covers: answers of the database that come when what they say is over already: they must not cost a worker its runs.
import type { RunSession } from '../../../lib/engine/execution/run-session.js';
import type { PausedWorkflows } from '../../../lib/engine/worker/paused-workflows.js';
import { RunIntake, type RunIntakeParts } from '../../../lib/engine/worker/run-intake.js';
import { SessionTable } from '../../../lib/engine/worker/session-table.js';
import { WorkerNews, type WorkerNewsParts } from '../../../lib/engine/worker/worker-news.js';
import { ManualClock, settled } from './manual-clock.double.js';
import { PLAN, session } from './run-session.fixture.js';

const RUN = '01890000-0000-7000-8000-000000000001';

function newsOf(held: RunSession, epoch: number): Promise<void> {
  const sessions = new SessionTable(1);
  sessions.add(held);
  const store = {
    inspect: () => Promise.resolve([{ id: held.id, epoch, wakeups: 0, cancel: null, paused: false }]),
  };
  const parts = { sessions, store, workerId: () => 'w' } as unknown as WorkerNewsParts;
  return new WorkerNews(parts).poke([held.id]);
}

it('a look at a run from before it was claimed again leaves it alone; one that shows a later claim ends it', async () => {
  const held = session({ epoch: 6 });
  await newsOf(held, 5);
  expect(held.lost).toBeNull();

  await newsOf(held, 7);

  expect(held.lost).not.toBeNull();
});

interface Answers {
  handBack: (answer: { runs: number; left: number }) => void;
}

function intake(claimed: readonly object[] = [], paused: Partial<PausedWorkflows> = { has: () => false }) {
  const answers = {} as Answers;
  const begun: string[] = [];
  const parts = {
    clock: new ManualClock(),
    sessions: new SessionTable(2),
    paused,
    queue: 'q',
    maxDeliveries: 5,
    workerId: () => 'w',
    registry: { has: () => true, all: () => [PLAN] },
    time: { learn: () => undefined },
    onReturned: () => undefined,
    hold: ({ id }: { id: string }) => begun.push(id),
    store: {
      handBackOthers: () => new Promise((resolve) => (answers.handBack = resolve)),
      claim: () => Promise.resolve({ runs: claimed, nextDueInMs: null, now: new Date() }),
    },
  } as unknown as RunIntakeParts;
  return { intake: new RunIntake(parts), answers, begun };
}

const NEW_RUN = { id: RUN, workflow: 'plan', version: 1, queue: 'q' };

it('no run is begun here while strays are handed back: it would be taken for one', async () => {
  const { intake: runs, answers } = intake();
  runs.doubt();
  const claiming = runs.claim(1);
  await settled();

  expect(runs.reserve(NEW_RUN)).toBeNull();
  answers.handBack({ runs: 0, left: 0 });
  await claiming;

  expect(runs.reserve(NEW_RUN)).toBe('w');
});

it('a run that the claim took has no paused workflow, whatever was heard before', async () => {
  let looks = 0;
  const paused = { has: () => looks === 0, look: () => Promise.resolve(++looks > 0) };
  const { intake: runs, begun } = intake([{ id: RUN, workflow: 'plan', version: 1, deliveries: 1 }], paused);

  await runs.claim(1);

  expect(looks).toBe(1);
  expect(begun).toEqual([RUN]);
});

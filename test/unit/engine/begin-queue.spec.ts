// Covers: which of the runs that a worker holds begin while checkpoints wait. With a real database: saturation.spec.ts of the
// integration tests.
import { BeginQueue } from '../../../lib/engine/worker/begin-queue.js';
import type { RunSession } from '../../../lib/engine/execution/run-session.js';
import { session } from './run-session.fixture.js';

/** Unwritten checkpoints with which nothing more begins. */
const ENOUGH = 1_200;

function scene({ writes = true, backlog = 0 } = {}) {
  const begun: string[] = [];
  const state = { backlog, fewer: 0, alone: false };
  const queue = new BeginQueue({
    backlog: () => state.backlog,
    begin: (run) => {
      begun.push(run.id);
      if (writes) void Promise.resolve().then(() => state.backlog++);
    },
    mayBegin: () => !state.alone,
    onFewer: () => state.fewer++,
  });
  const add = (...ids: string[]): void => ids.forEach((id) => queue.add(run(id), false));
  /** A batch is written, and so many of its runs come to their next checkpoint. */
  const write = async (checkpoints: number, goOn = checkpoints): Promise<void> => {
    state.backlog -= checkpoints;
    queue.settled(checkpoints);
    state.backlog += goOn;
    await turn();
  };
  return { queue, begun, state, add, write };
}

const run = (id: string): RunSession => session({ id });
const numbered = (count: number, name = 'run'): string[] => Array.from({ length: count }, (_, n) => `${name} ${n}`);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins a run in the turn in which it is added, as long as few checkpoints wait', () => {
  const { add, begun } = scene({ backlog: ENOUGH - 1 });

  add('a');

  expect(begun).toEqual(['a']);
});

it('lets runs wait while checkpoints do, and begins as many as have ended, in their order', async () => {
  const { add, begun, write, queue, state } = scene({ backlog: ENOUGH });
  add('a', 'b', 'c');
  await turn();
  await write(10);
  expect({ begun, claimable: queue.claimable, fewer: state.fewer }).toEqual({
    begun: [],
    claimable: ENOUGH - 3,
    fewer: 0,
  });

  await write(10, 8);

  expect({ begun, claimable: queue.claimable, fewer: state.fewer }).toEqual({
    begun: ['a', 'b'],
    claimable: ENOUGH - 1,
    fewer: 1,
  });
});

it('counts what has begun in this turn and has not come to a checkpoint yet', async () => {
  const { add, begun, queue } = scene();

  add(...numbered(3 * ENOUGH));
  expect(begun).toHaveLength(ENOUGH);
  expect(queue.claimable).toBe(0);
  await turn();
  await turn();

  expect(begun).toHaveLength(ENOUGH);
});

it('begins all of them, turn after turn, when their steps take longer than that', async () => {
  const { add, begun, queue } = scene({ writes: false });
  add(...numbered(3 * ENOUGH));

  await turn();
  await turn();

  expect(begun).toEqual(numbered(3 * ENOUGH));
  expect(queue.claimable).toBe(ENOUGH);
});

it('has nobody overtake those that wait, apart from what is begun by name', async () => {
  const { add, begun, state, queue } = scene({ backlog: ENOUGH });
  add('a');
  state.backlog = 0;
  add('b');
  queue.begin(run('first'));

  await turn();

  expect(begun).toEqual(['first', 'a', 'b']);
});

it('begins nothing while a run is to be alone, and the rest after that', async () => {
  const { add, begun, state, queue, write } = scene();
  state.alone = true;
  add('a');
  await write(0);
  expect(begun).toEqual([]);

  state.alone = false;
  queue.lookSoon();
  await turn();

  expect(begun).toEqual(['a']);
});

it('counts what waits for the lease to be certain, and goes on once it is', async () => {
  const { add, begun, queue } = scene({ writes: false });
  let confirm = (): void => {};
  const confirmed = new Promise<void>((resolve) => (confirm = resolve));
  add(...numbered(ENOUGH, 'a'));
  for (let run = 0; run < ENOUGH; run++) void queue.untilSure(confirmed);
  await turn();
  add(...numbered(10, 'b'));
  await turn();
  expect(begun).toHaveLength(ENOUGH);

  confirm();
  await confirmed;
  await turn();

  expect(begun).toHaveLength(ENOUGH + 10);
  expect(queue.untilSure(7)).toBe(7);
});

it('leaves room for claims while starts of this process wait', () => {
  const { queue } = scene({ backlog: ENOUGH });
  for (const id of numbered(3 * ENOUGH)) queue.add(run(id), true);
  expect(queue.claimable).toBe(ENOUGH);

  queue.add(run('claimed'), false);

  expect(queue.claimable).toBe(ENOUGH - 1);
});

it('has nothing wait that is lost or canceled meanwhile', async () => {
  const { queue, begun, state } = scene({ backlog: ENOUGH, writes: false });
  const [lost, canceled, other] = numbered(3).map(run);
  for (const session of [lost, canceled, other]) queue.add(session, false);

  canceled.hear({ wakeups: 1, cancel: { reason: null, compensate: true }, paused: false });
  lost.lose(new Error('the lease is gone'));
  expect({ begun, claimable: queue.claimable, fewer: state.fewer }).toEqual({
    begun: [canceled.id, lost.id],
    claimable: ENOUGH - 1,
    fewer: 2,
  });

  state.backlog = 0;
  queue.lookSoon();
  await turn();
  other.lose(new Error('the lease is gone'));

  expect(begun).toEqual([canceled.id, lost.id, other.id]);
  expect(queue.claimable).toBe(ENOUGH);
});

it('begins one with fifty checkpoints although what has begun never ends', async () => {
  const { add, begun, write } = scene({ backlog: ENOUGH });
  add(...numbered(100));

  for (let batch = 0; batch < 10; batch++) await write(300);
  expect(begun).toEqual(numbered(60));

  for (let batch = 0; batch < 10; batch++) await write(25);
  expect(begun).toEqual(numbered(65));
});

it('owes nothing for the time in which nobody waited, or enough began anyway', async () => {
  const { add, begun, write, state } = scene({ backlog: ENOUGH });
  await write(300);
  add('a');
  await turn();
  expect(begun).toEqual([]);
  await write(300, 290);
  expect(begun).toEqual(['a']);

  state.backlog = ENOUGH;
  add('b');
  await write(49);

  expect(begun).toEqual(['a']);
});

// Covers: which of the runs that a worker holds begin while checkpoints wait. With a real database: saturation.spec.ts of the
// integration tests.
import { BeginQueue } from '../../../lib/engine/worker/begin-queue.js';
import type { RunSession } from '../../../lib/engine/execution/run-session.js';
import { session } from './run-session.fixture.js';

/** Unwritten checkpoints with which nothing more begins. */
const ENOUGH = 1_200;

function scene({ writes = true, unwritten = 0 } = {}) {
  const begun: string[] = [];
  const state = { unwritten, fewer: 0, alone: false };
  const queue = new BeginQueue({
    unwritten: () => state.unwritten,
    begin: (run) => {
      begun.push(run.id);
      if (writes) void Promise.resolve().then(() => state.unwritten++);
    },
    mayBegin: () => !state.alone,
    onFewer: () => state.fewer++,
  });
  const add = (...ids: string[]): void => ids.forEach((id) => queue.add(run(id)));
  /** A batch is written, and so many of its runs come to their next checkpoint. */
  const write = async (checkpoints: number, goOn = checkpoints): Promise<void> => {
    state.unwritten -= checkpoints;
    queue.settled(checkpoints);
    state.unwritten += goOn;
    await turn();
  };
  return { queue, begun, state, add, write };
}

const run = (id: string): RunSession => session({ id });
const numbered = (count: number, name = 'run'): string[] => Array.from({ length: count }, (_, n) => `${name} ${n}`);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins a run in the turn in which it is added, as long as few checkpoints wait', () => {
  const { add, begun } = scene({ unwritten: ENOUGH - 1 });

  add('a');

  expect(begun).toEqual(['a']);
});

it('lets runs wait while checkpoints do, and begins as many as have ended, in their order', async () => {
  const { add, begun, write, queue, state } = scene({ unwritten: ENOUGH });
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
  const { add, begun, state, queue } = scene({ unwritten: ENOUGH });
  add('a');
  state.unwritten = 0;
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

it('begins one with fifty checkpoints although what has begun never ends', async () => {
  const { add, begun, write } = scene({ unwritten: ENOUGH });
  add(...numbered(100));

  for (let batch = 0; batch < 10; batch++) await write(300);
  expect(begun).toEqual(numbered(60));

  for (let batch = 0; batch < 10; batch++) await write(25);
  expect(begun).toEqual(numbered(65));
});

it('owes nothing for the time in which nobody waited, or enough began anyway', async () => {
  const { add, begun, write, state } = scene({ unwritten: ENOUGH });
  await write(300);
  add('a');
  await turn();
  expect(begun).toEqual([]);
  await write(300, 290);
  expect(begun).toEqual(['a']);

  state.unwritten = ENOUGH;
  add('b');
  await write(49);

  expect(begun).toEqual(['a']);
});

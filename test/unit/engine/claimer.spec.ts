// Covers: when a worker asks for runs. What a claim takes: claiming.spec.ts of the integration tests.
import { Claimer } from '../../../lib/engine/worker/claimer.js';
import type { ClaimedRun } from '../../../lib/storage/contract/records.js';
import { Gate } from '../../support/gate.js';
import { ManualClock, settled } from './manual-clock.double.js';

const runs = (count: number): readonly ClaimedRun[] => Array.from({ length: count }, () => ({}) as ClaimedRun);

/** A claimer that polls every second, and what it asked for. */
function scene() {
  const clock = new ManualClock();
  const asked: number[] = [];
  const errors: unknown[] = [];
  const state = {
    free: 10,
    answer: (_limit: number): Promise<{ runs: readonly ClaimedRun[]; nextDueInMs: number | null }> =>
      Promise.resolve({ runs: runs(0), nextDueInMs: null }),
  };
  const claimer = new Claimer(clock, {
    pollIntervalMs: 1_000,
    claimable: () => state.free,
    claim: (limit) => {
      asked.push(limit);
      return state.answer(limit);
    },
    onError: (error) => errors.push(error),
  });
  return { clock, asked, errors, state, claimer };
}

it('asks at its start, and at every poll interval, for as many as there are free slots', async () => {
  const { clock, asked, claimer } = scene();

  claimer.start();
  await clock.advance(2_500);

  expect(asked).toEqual([10, 10, 10]);
});

it('asks once more when it is woken while it asks, and once only', async () => {
  const { asked, claimer, state } = scene();
  const gate = new Gate();
  state.answer = async () => {
    await gate.pass();
    return { runs: runs(0), nextDueInMs: null };
  };
  claimer.start();
  await gate.reached;
  for (let n = 0; n < 5; n++) claimer.wake();
  gate.open();
  await settled();

  expect(asked).toEqual([10, 10]);
});

it('looks after it was told to claim now, also when it asks already', async () => {
  const { asked, claimer, state } = scene();
  const [before, after] = [new Gate(), new Gate()];
  state.answer = async () => {
    await (asked.length === 1 ? before : after).pass();
    return { runs: runs(0), nextDueInMs: null };
  };
  claimer.start();
  await before.reached;
  let claimed = false;
  const claiming = claimer.claimNow().then(() => (claimed = true));
  before.open();
  await after.reached;
  await settled();
  expect(claimed).toBe(false);

  after.open();
  await claiming;
  expect(asked).toEqual([10, 10]);
});

it('asks for nothing without a free slot, and gathers a few that come free before it asks again', async () => {
  const { clock, asked, claimer, state } = scene();
  state.free = 0;
  claimer.start();
  claimer.wake();
  await settled();
  expect(asked).toEqual([]);

  state.free = 1;
  claimer.slotFreed();
  state.free = 3;
  claimer.slotFreed();
  await clock.advance(10);

  expect(asked).toEqual([3]);
});

it('does not ask when a slot comes free and nothing is known to wait', async () => {
  const { clock, asked, claimer } = scene();
  claimer.start();
  await settled();

  claimer.slotFreed();
  await clock.advance(100);

  expect(asked).toEqual([10]);
});

it('asks when a slot comes free after a claim that filled all of them', async () => {
  const { clock, asked, claimer, state } = scene();
  state.answer = (limit) => {
    state.free -= limit;
    return Promise.resolve({ runs: runs(limit), nextDueInMs: null });
  };
  claimer.start();
  await settled();
  state.free = 1;

  claimer.slotFreed();
  await clock.advance(10);

  expect(asked).toEqual([10, 1]);
});

it('asks when the next run is due, and sooner when one is parked for sooner', async () => {
  const { clock, asked, claimer, state } = scene();
  state.answer = () => Promise.resolve({ runs: runs(0), nextDueInMs: asked.length === 1 ? 700 : null });
  claimer.start();
  await settled();
  await clock.advance(699);
  expect(asked).toHaveLength(1);
  await clock.advance(1);
  expect(asked).toHaveLength(2);

  claimer.dueIn(200);
  claimer.dueIn(250);
  await clock.advance(200);
  expect(asked).toHaveLength(3);
});

it('tells of an error and goes on', async () => {
  const { clock, asked, errors, claimer, state } = scene();
  state.answer = () => Promise.reject(new Error('away'));
  claimer.start();
  await clock.advance(2_000);

  expect(errors).toHaveLength(asked.length);
  expect(asked).toHaveLength(3);
});

it('stops when the claim in flight has settled, sets no timer after that, and may be stopped before it starts', async () => {
  const { clock, asked, claimer, state } = scene();
  await claimer.stop();
  const gate = new Gate();
  state.answer = async () => {
    await gate.pass();
    return { runs: runs(0), nextDueInMs: 10 };
  };
  claimer.start();
  claimer.wake();
  await gate.reached;
  const stopped = claimer.stop();
  gate.open();
  await stopped;
  claimer.wake();
  claimer.slotFreed();
  claimer.dueIn(1);
  await clock.advance(10_000);

  expect(asked).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

// Covers the lease against heartbeats, the clock and a stop, and the claimer against wake-ups and a stop, in every order
// in which answers of the database can come, found by fast-check's scheduler. Single cases: test/unit/engine.
import fc from 'fast-check';
import { Claimer } from '../../../lib/engine/worker/claimer.js';
import { LeaseKeeper } from '../../../lib/engine/worker/lease-keeper.js';
import type { WorkerStore } from '../../../lib/storage/contract/worker-store.contract.js';
import { tries } from '../../support/model-runs.js';
import { ManualClock, settled } from '../engine/manual-clock.double.js';

const LEASE_MS = 15_000;

type Answer = 'yes' | 'declared dead' | 'error';

/** Answers wait for the scheduler; a scheduler without anything to answer is left alone. */
async function answerSome(s: fc.Scheduler, times: number): Promise<void> {
  for (let n = 0; n < times && s.count() > 0; n++) {
    await s.waitOne();
    await settled();
  }
}

it('never believes in a lease that has ended, whatever the answers and whenever they come', async () => {
  const moves = fc.array(
    fc.record({ advance: fc.integer({ min: 0, max: LEASE_MS }), answers: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 1, maxLength: 15 },
  );
  const answers = fc.infiniteStream(fc.constantFrom<Answer[]>('yes', 'yes', 'declared dead', 'error'));
  const property = fc.asyncProperty(fc.scheduler(), moves, answers, async (s, steps, said) => {
    const clock = new ManualClock();
    const history: string[] = [];
    /** Until when the database lets this worker have its runs. */
    const leases = new Map<string, number>();
    const grant = (id: string): Date => {
      leases.set(id, clock.monotonic() + LEASE_MS);
      return new Date();
    };
    const store = {
      register: async ({ id }: { id: string }) => {
        const now = grant(id);
        await s.schedule(Promise.resolve('register'));
        return now;
      },
      renew: async (id: string) => {
        const answer = said.next().value;
        const held = answer === 'yes' ? grant(id) : null;
        await s.schedule(Promise.resolve(`renew: ${answer}`));
        if (answer === 'error') throw new Error('away');
        return held;
      },
    } as unknown as WorkerStore;
    const ids: string[] = [];
    const keeper = new LeaseKeeper(store, clock, {
      ...{ name: 'w', queue: 'q', leaseMs: LEASE_MS, slots: 1, workflows: () => [] },
      onHeld: (id) => {
        history.push('held');
        ids.push(id);
      },
      onLapsed: () => history.push('lapsed'),
      onTime: () => undefined,
      onError: () => undefined,
    });
    const started = keeper.start();
    await s.waitFor(started);
    for (const { advance, answers: count } of steps) {
      await clock.advance(advance);
      await answerSome(s, count);
      const { workerId } = keeper;
      // The watch looks every twentieth of a lease; a lease is given up before the database lets others have it.
      if (workerId !== null) expect(leases.get(workerId)! - clock.monotonic()).toBeGreaterThan(0);
    }
    keeper.stop();
    const last = [...history];
    await answerSome(s, 10);
    await clock.advance(LEASE_MS);

    expect(keeper.workerId).toBeNull();
    expect(history).toEqual(last);
    expect(history.every((each, at) => each === (at % 2 === 0 ? 'held' : 'lapsed'))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });
  await fc.assert(property, tries(60));
});

it('answers every wake-up with a claim that began after it, one at a time, and none after a stop', async () => {
  type Move = 'wake' | 'free' | 'busy' | 'answer' | 'tick';
  const moves = fc.array(fc.constantFrom<Move[]>('wake', 'free', 'busy', 'answer', 'answer', 'tick'), {
    maxLength: 25,
  });
  const property = fc.asyncProperty(fc.scheduler(), moves, async (s, steps) => {
    const clock = new ManualClock();
    let inFlight = 0;
    let most = 0;
    let claims = 0;
    let slots = 1;
    const claimer = new Claimer(clock, {
      pollIntervalMs: 1_000,
      claimable: () => slots,
      onError: () => undefined,
      claim: async () => {
        claims++;
        most = Math.max(most, ++inFlight);
        await s.schedule(Promise.resolve('claim'));
        inFlight--;
        return { runs: [], nextDueInMs: null };
      },
    });
    claimer.start();
    let owed = claims;
    for (const move of steps) {
      if (move === 'wake') {
        owed = claims + 1;
        claimer.wake();
      } else if (move === 'answer') await answerSome(s, 1);
      else if (move === 'tick') await clock.advance(10);
      else {
        slots = move === 'free' ? 1 : 0;
        if (slots > 0) claimer.slotFreed();
      }
    }
    slots = 1;
    claimer.slotFreed();
    await clock.advance(10);
    await answerSome(s, 10);
    expect(claims).toBeGreaterThanOrEqual(owed);
    expect(most).toBeLessThanOrEqual(1);

    claimer.wake();
    const stopped = claimer.stop();
    await s.waitFor(stopped);
    const before = claims;
    claimer.wake();
    claimer.slotFreed();
    await clock.advance(5_000);
    expect(claims).toBe(before);
    expect(inFlight).toBe(0);
  });
  await fc.assert(property, tries(60));
});

/*
 * Covers wake-ups that reach the claimer while a claim is under way, in every turn of the event loop's queue around its end:
 * each leads to another claim, without a poll. What a claim takes is in ../engine/claiming.spec.ts.
 */
import { Claimer, type ClaimerOptions } from '../../../lib/engine/worker/claimer.js';
import type { ClaimResult } from '../../../lib/storage/contract/run-store.contract.js';
import { VirtualClock } from '../../../lib/testing/index.js';

/** More turns than lie between the answer of a claim and the moment in which the next may begin. */
const TURNS = 12;

interface Bench {
  readonly clock: VirtualClock;
  readonly claimer: Claimer;
  /** Limits of the claims that were made. */
  readonly limits: number[];
  /** Answers the claim under way. */
  answer(runs: number, nextDueInMs?: number | null): Promise<void>;
}

/** A claimer whose claims are answered by hand. Its clock has no regular rounds, so nothing is polled. */
function bench(free: () => number): Bench {
  const clock = new VirtualClock();
  const limits: number[] = [];
  let reply: (result: ClaimResult) => void = () => undefined;
  const options: ClaimerOptions = {
    pollIntervalMs: 1_000,
    claimable: free,
    claim: (limit) => {
      limits.push(limit);
      return new Promise((resolve) => (reply = resolve));
    },
    onError: (error) => {
      throw error;
    },
  };
  const claimer = new Claimer(clock, options);
  claimer.start();
  const answer = (runs: number, nextDueInMs: number | null = null): Promise<void> => {
    reply({ runs: Array(runs).fill({}) as never, nextDueInMs, now: clock.now() });
    return turns(TURNS);
  };
  return { clock, claimer, limits, answer };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('a claimer', () => {
  it.each(Array.from({ length: TURNS }, (_, turn) => turn))(
    'claims once more when it is woken %i turns after the answer to a claim',
    async (turn) => {
      const { claimer, limits, answer } = bench(() => 5);
      const answered = answer(0);
      await turns(turn);
      claimer.wake();
      await answered;
      await turns(TURNS);
      expect(limits).toEqual([5, 5]);
    },
  );

  it('claims again when slots came free during a claim that took all it could', async () => {
    let free = 1;
    const { clock, claimer, limits, answer } = bench(() => free);
    free = 3; // three runs ended while the claim was under way
    claimer.slotFreed();
    await answer(1);
    clock.move(5);
    clock.fire();
    await turns(TURNS);
    expect(limits).toEqual([1, 3]);
  });

  it('claims a run at its time that was parked while a claim was under way, which did not see it', async () => {
    const { clock, claimer, limits, answer } = bench(() => 5);
    claimer.dueIn(50);
    await answer(0, 60_000);
    clock.move(50);
    clock.fire();
    await turns(TURNS);
    expect(limits).toEqual([5, 5]);
  });
});

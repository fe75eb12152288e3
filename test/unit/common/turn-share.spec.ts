import { describe, expect, it } from '@jest/globals';
import { TurnShare } from '../../../lib/common/turn-share.js';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Counts the turns of the event loop while something is waited for. */
async function turnsUntil(done: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  void done.then(() => (isDone = true));
  for (;;) {
    // What is done in this turn is known before the next one is counted.
    for (let ticks = 0; ticks < 10; ticks++) await Promise.resolve();
    if (isDone) return turns;
    await nextTurn();
    turns++;
  }
}

describe('TurnShare', () => {
  it('lets the first batch of a turn pass, however large', () => {
    expect(new TurnShare().take(10_000)).toBeNull();
  });

  it('lets small batches pass in one turn, up to 300 callers', () => {
    const share = new TurnShare();
    expect([share.take(100), share.take(199), share.take(1)]).toEqual([null, null, null]);
    expect(share.take(1)).toBeInstanceOf(Promise);
  });

  it('has large batches that end together wait for a turn each', async () => {
    const share = new TurnShare();
    expect(share.take(300)).toBeNull();
    const waiting = [share.take(300)!, share.take(300)!, share.take(300)!];
    const turns = await Promise.all(waiting.map(turnsUntil));
    expect(turns.toSorted((a, b) => a - b)).toEqual(turns);
    expect(new Set(turns).size).toBe(3);
  });

  it('begins anew in every turn', async () => {
    const share = new TurnShare();
    expect(share.take(300)).toBeNull();
    await nextTurn();
    expect(share.take(300)).toBeNull();
  });
});

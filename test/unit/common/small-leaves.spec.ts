/** Jitter, values that may be promised, deferred promises and suggestions: leaves too small for a file of their own. */
import fc from 'fast-check';
import { andThen, isThenable } from '../../../lib/common/awaitable.js';
import { Deferred } from '../../../lib/common/deferred.js';
import { didYouMean } from '../../../lib/common/did-you-mean.js';
import { jittered } from '../../../lib/common/jitter.js';

describe('jittered', () => {
  it('stays within the ratio', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (ms, ratio) => {
        const result = jittered(ms, ratio);
        expect(result).toBeGreaterThanOrEqual(ms * (1 - ratio) - 1e-6);
        expect(result).toBeLessThanOrEqual(ms * (1 + ratio) + 1e-6);
      }),
    );
  });

  it('reaches both ends', () => {
    expect(jittered(1000, 0.2, () => 0)).toBe(800);
    expect(jittered(1000, 0.2, () => 0.5)).toBe(1000);
    expect(jittered(1000, 0.2, () => 1)).toBe(1200);
  });
});

describe('andThen', () => {
  it('goes on in the same turn with a value at hand', () => {
    expect(andThen(1, (value) => value + 1)).toBe(2);
    expect(() =>
      andThen(1, () => {
        throw new Error('at once');
      }),
    ).toThrow('at once');
  });

  it('waits for a promise', async () => {
    const promised = andThen(Promise.resolve(1), (value) => value + 1);
    expect(promised).toBeInstanceOf(Promise);
    expect(await promised).toBe(2);
    await expect(andThen(Promise.reject(new Error('later')), () => 1)).rejects.toThrow('later');
  });
});

describe('isThenable', () => {
  it.each([
    [Promise.resolve(), true],
    [{ then: () => undefined }, true],
    [{ then: 'not a function' }, false],
    [null, false],
    ['then', false],
  ])('of %p: %p', (value, thenable) => {
    expect(isThenable(value)).toBe(thenable);
  });
});

describe('Deferred', () => {
  it('resolves from outside, once', async () => {
    const deferred = new Deferred<number>();
    deferred.resolve(1);
    deferred.resolve(2);
    deferred.reject(new Error('late'));
    await expect(deferred.promise).resolves.toBe(1);
  });

  it('rejects from outside', async () => {
    const deferred = new Deferred();
    deferred.reject(new Error('no'));
    await expect(deferred.promise).rejects.toThrow('no');
  });
});

describe('didYouMean', () => {
  const options = ['schema', 'queue', 'worker.concurrency', 'worker.pollInterval'];

  it.each([
    ['scheme', 'schema'],
    ['concurency', 'worker.concurrency'],
    ['worker.pollinterval', 'worker.pollInterval'],
    ['que', 'queue'],
  ])('takes %s for %s', (name, meant) => {
    expect(didYouMean(name, options)).toBe(meant);
  });

  it.each(['url', 'poll', 'x'.repeat(10_000), ''])('has no suggestion for %.20s', (name) => {
    expect(didYouMean(name, options)).toBeUndefined();
  });
});

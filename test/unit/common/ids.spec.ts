import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { validate, version } from 'uuid';
import { isRunId, newId, timeOfId } from '../../../lib/common/ids.js';

/** Several pools of random bytes, and many ids a millisecond. */
const MANY = 5_000;
const HOUR_MS = 3_600_000;

describe('newId', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('makes UUIDs of version 7 that say when they were made', () => {
    const before = Date.now();
    const id = newId();
    expect([validate(id), version(id)]).toEqual([true, 7]);
    expect(timeOfId(id)).toBeGreaterThanOrEqual(before);
    expect(timeOfId(id)).toBeLessThanOrEqual(Date.now());
  });

  it('makes ids that differ, and of which each is greater than the one before', () => {
    const ids = Array.from({ length: MANY }, newId);
    expect(new Set(ids).size).toBe(MANY);
    expect(ids).toEqual(ids.toSorted());
  });

  it('goes on from the latest id when the clock is set back', () => {
    const latest = newId();
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now - HOUR_MS);
    const ids = [latest, newId(), newId()];
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has random digits of its own in every id, which neither time nor sequence foretell', () => {
    const random = Array.from({ length: MANY }, () => newId().slice(-10));
    // Of 5,000 values of 40 bits hardly two are equal: by chance once in 90,000 times.
    expect(new Set(random).size).toBe(MANY);
  });

  it('begins the sequence of a millisecond anywhere in its lower half', () => {
    const start = Date.now() + HOUR_MS;
    const ids = Array.from({ length: 64 }, (_, later) => {
      jest.spyOn(Date, 'now').mockReturnValue(start + later);
      return newId();
    });
    const firsts = ids.map((id) => Number.parseInt(id[15], 16));
    expect(Math.max(...firsts)).toBeLessThan(8);
    expect(new Set(firsts).size).toBeGreaterThan(1);
  });
});

describe('isRunId', () => {
  it('accepts what newId makes, in either case', () => {
    expect(isRunId(newId())).toBe(true);
    expect(isRunId(newId().toUpperCase())).toBe(true);
  });

  it.each([['', 5, null, undefined, 'order-1', `${newId()} `, `{${newId()}}`, newId().replaceAll('-', '')]].flat())(
    'refuses %p',
    (value) => {
      expect(isRunId(value)).toBe(false);
    },
  );

  it('refuses a line break at the end', () => {
    expect(isRunId(`${newId()}\n`)).toBe(false);
  });
});

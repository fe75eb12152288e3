/** How long a failed attempt waits for the next. That the wait survives a restart: the engine's tests. */
import { MAX_BACKOFF_SECONDS, backoffMs, defaultBackoff } from '../../../lib/common/retry-policy.js';
import { InvalidOptionError } from '../../../lib/errors/index.js';

const returning = (value: unknown): { backoff: (failedAttempt: number) => number } => ({
  backoff: () => value as number,
});

describe('defaultBackoff', () => {
  it('doubles from two seconds and stops at a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 2000].map(defaultBackoff)).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
  });
});

describe('backoffMs', () => {
  it('turns the seconds of a policy into whole milliseconds', () => {
    expect(backoffMs({ backoff: (attempt) => attempt * 1.0004 }, 3)).toBe(3001);
    expect(backoffMs(returning(0), 1)).toBe(0);
  });

  it('cuts waits to a year, so that an exponent without a cap does no harm', () => {
    expect(backoffMs({ backoff: (attempt) => 2 ** attempt }, 60)).toBe(MAX_BACKOFF_SECONDS * 1000);
  });

  it.each<[string, unknown, string]>([
    ['NaN', NaN, 'NaN'],
    ['a negative number', -1, '-1'],
    ['Infinity', Infinity, 'Infinity'],
    ['a text', '5', '"5"'],
    ['nothing', undefined, 'undefined'],
    ['a promise', Promise.resolve(5), 'an object'],
    ['a BigInt', 5n, '5n'],
  ])('refuses a policy that returns %s', (_title, value, shown) => {
    const refused = expect(() => backoffMs(returning(value), 2));
    refused.toThrow(InvalidOptionError);
    refused.toThrow(`Invalid option backoff(2): got ${shown}, expected a number of seconds from 0.`);
  });

  it('refuses a policy that throws, and keeps why', () => {
    const cause = new Error('no policy today');
    const backoff = (): number => {
      throw cause;
    };
    expect(() => backoffMs({ backoff }, 1)).toThrow(
      expect.objectContaining({
        message: 'Invalid option backoff(1): got an exception, expected a number of seconds from 0.',
        cause,
      }),
    );
  });
});

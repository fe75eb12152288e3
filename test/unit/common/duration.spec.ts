/** Which durations are accepted and what they mean. Options that are durations: resolve-durable-options.spec.ts. */
import fc from 'fast-check';
import { MAX_DURATION_MS, durationMs, parseDuration } from '../../../lib/common/duration.js';
import { InvalidDurationError } from '../../../lib/errors/index.js';

const LENGTH = 'a number of milliseconds, or a string such as "500ms", "30s", "1h30m" or "7d"';

describe('durationMs', () => {
  it.each<[string | number, number]>([
    [0, 0],
    [1500, 1500],
    [0.4, 0],
    [1.5, 2],
    [-0, 0],
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1w', 604_800_000],
    ['1h30m', 5_400_000],
    ['1h 30m', 5_400_000],
    [' 10s ', 10_000],
    ['1w1d1h1m1s1ms', 694_861_001],
    ['1.5h', 5_400_000],
    ['1.1h', 3_960_000],
    ['30d', 2_592_000_000],
    ['5200w', 5200 * 604_800_000],
    [MAX_DURATION_MS, MAX_DURATION_MS],
  ])('reads %p as %d ms', (value, ms) => {
    expect(durationMs(value, 'x')).toBe(ms);
  });

  it.each<[string, unknown, string, string]>([
    ['a negative number', -1, '-1', '0 or more milliseconds'],
    ['NaN', NaN, 'NaN', LENGTH],
    ['Infinity', Infinity, 'Infinity', 'at most 100 years'],
    ['minus infinity', -Infinity, '-Infinity', '0 or more milliseconds'],
    ['more than 100 years', '5300w', '"5300w"', 'at most 100 years'],
    ['more digits than a number holds', `${'9'.repeat(50)}s`, `"${'9'.repeat(50)}s"`, 'at most 100 years'],
    ['an empty text', '', '""', LENGTH],
    ['spaces', '   ', '"   "', LENGTH],
    ['a number without a unit', '500', '"500"', LENGTH],
    ['an unknown unit', '3y', '"3y"', LENGTH],
    ['a unit in words', '5 minutes', '"5 minutes"', LENGTH],
    ['a unit in capitals', '5M', '"5M"', LENGTH],
    ['units in the wrong order', '30m1h', '"30m1h"', LENGTH],
    ['one unit twice', '1h1h', '"1h1h"', LENGTH],
    ['a sign', '-5s', '"-5s"', LENGTH],
    ['an exponent', '1e3ms', '"1e3ms"', LENGTH],
    ['a line break inside', '1h\n;x', '"1h\\n;x"', LENGTH],
    ['a Date', new Date(0), 'a Date', LENGTH],
    ['null', null, 'null', LENGTH],
    ['undefined', undefined, 'undefined', LENGTH],
    ['a BigInt', 5n, '5n', LENGTH],
    ['an object', { valueOf: () => 5 }, 'an object', LENGTH],
  ])('refuses %s', (_title, value, shown, expectation) => {
    const refused = expect(() => durationMs(value, 'sleep "pause"'));
    refused.toThrow(InvalidDurationError);
    refused.toThrow(`Invalid duration for sleep "pause": got ${shown}, expected ${expectation}.`);
  });

  it('refuses a text of 10 kB at once', () => {
    expect(() => durationMs('1'.repeat(10_000), 'x')).toThrow(InvalidDurationError);
  });

  it('reads every sum of units as the sum of its parts', () => {
    const count = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(count, count, count, count, count, (d, h, m, s, ms) => {
        const expected = d * 86_400_000 + h * 3_600_000 + m * 60_000 + s * 1000 + ms;
        expect(durationMs(`${d}d${h}h${m}m${s}s${ms}ms`, 'x')).toBe(expected);
      }),
    );
  });

  it('answers any text with a number in its bounds or a typed error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.wdhms ]{0,12}$/), fc.double()), (value) => {
        try {
          const ms = durationMs(value, 'x');
          expect(Number.isInteger(ms) && ms >= 0 && ms <= MAX_DURATION_MS).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidDurationError);
        }
      }),
    );
  });
});

describe('parseDuration', () => {
  it('reads lengths of time as milliseconds', () => {
    expect(parseDuration('3d', 'x')).toEqual({ ms: 259_200_000 });
    expect(parseDuration(250, 'x')).toEqual({ ms: 250 });
  });

  it('reads a Date as a point in time, also in the past', () => {
    const at = new Date('2020-02-29T12:00:00Z');
    expect(parseDuration(at, 'x')).toEqual({ at });
  });

  it('keeps the time when the Date is changed later', () => {
    const date = new Date('2020-02-29T12:00:00Z');
    const parsed = parseDuration(date, 'x');
    date.setFullYear(2030);
    expect(parsed).toEqual({ at: new Date('2020-02-29T12:00:00Z') });
  });

  it.each([
    ['an invalid Date', new Date(NaN), 'a valid Date'],
    ['the year 9999', new Date('9999-01-01T00:00:00Z'), 'a Date from the year 1 to the year 9998'],
    ['the last Date there is', new Date(8.64e15), 'a Date from the year 1 to the year 9998'],
    ['a Date before our calendar', new Date(-8.64e15), 'a Date from the year 1 to the year 9998'],
  ])('refuses %s', (_title, value, expectation) => {
    expect(() => parseDuration(value, 'option startAt')).toThrow(
      `Invalid duration for option startAt: got a Date, expected ${expectation}.`,
    );
  });

  it('accepts the last moment of the year 9998', () => {
    expect(() => parseDuration(new Date('9998-12-31T23:59:59.999Z'), 'x')).not.toThrow();
  });

  it('names the Date among what it expects', () => {
    expect(() => parseDuration('soon', 'x')).toThrow(
      `Invalid duration for x: got "soon", expected ${LENGTH}, or a Date.`,
    );
  });
});

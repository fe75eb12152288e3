import { types } from 'node:util';
import { InvalidDurationError } from '../errors/invalid-duration.error.js';

/** A length of time: `'500ms'`, `'30s'`, `'1h30m'`, `'7d'`, a number of milliseconds; or the `Date` at which it ends. */
export type Duration = string | number | Date;

/** A duration after validation: whole milliseconds from now on, or a point in time. */
export type ParsedDuration = { readonly ms: number } | { readonly at: Date };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const UNITS = [WEEK, DAY, HOUR, MINUTE, SECOND, 1];

/** One optional group a unit, from the largest to the smallest, in the order of `UNITS`. */
const DURATION_TEXT = new RegExp(
  `^${['w', 'd', 'h', 'm', 's', 'ms'].map((unit) => `(?:(\\d+(?:\\.\\d+)?)${unit}\\s*)?`).join('')}$`,
);

const LENGTH = 'a number of milliseconds, or a string such as "500ms", "30s", "1h30m" or "7d"';

/** No sensible duration is longer, and the expression above never sees a text that is worth attacking it with. */
const LONGEST_TEXT = 64;

/**
 * 100 years. PostgreSQL's calendar ends in the year 294276 and JavaScript's in 275760: added to any date before the year
 * 9999 this stays far inside both. Something that is to wait longer is a mistake in a unit.
 */
export const MAX_DURATION_MS = 100 * 365.25 * DAY;

const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-01-01T00:00:00Z');

/**
 * Validates a duration. Milliseconds are rounded to whole ones.
 *
 * @param where what it is for, as the error says it: `sleep "coolingOff"`.
 * @throws InvalidDurationError when it is none, is negative, longer than 100 years, or a date from the year 9999 on.
 */
export function parseDuration(value: unknown, where: string): ParsedDuration {
  if (types.isDate(value)) return { at: parseDate(value, where) };
  return { ms: lengthMs(value, where, `${LENGTH}, or a Date`) };
}

/**
 * Like `parseDuration`, where only a length of time makes sense: a `Date` is refused.
 *
 * @returns whole milliseconds, from 0 to `MAX_DURATION_MS`.
 * @throws InvalidDurationError
 */
export function durationMs(value: unknown, where: string): number {
  return lengthMs(value, where, LENGTH);
}

function lengthMs(value: unknown, where: string, expectation: string): number {
  const ms = typeof value === 'string' ? textMs(value) : typeof value === 'number' ? value : NaN;
  if (Number.isNaN(ms)) throw new InvalidDurationError(value, where, expectation);
  if (ms < 0) throw new InvalidDurationError(value, where, '0 or more milliseconds');
  if (ms > MAX_DURATION_MS) throw new InvalidDurationError(value, where, 'at most 100 years');
  return Math.round(Math.abs(ms));
}

function textMs(text: string): number {
  const match = text.length > LONGEST_TEXT ? null : DURATION_TEXT.exec(text.trim());
  if (match === null || match[0] === '') return NaN;
  return UNITS.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
}

function parseDate(value: Date, where: string): Date {
  const time = Date.prototype.getTime.call(value);
  if (Number.isNaN(time)) throw new InvalidDurationError(value, where, 'a valid Date');
  if (time < EARLIEST || time >= LATEST) {
    throw new InvalidDurationError(value, where, 'a Date from the year 1 to the year 9998');
  }
  return new Date(time);
}

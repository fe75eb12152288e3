import { types } from 'node:util';
import { redact } from './redact.js';

/** Long enough to recognise a value, short enough for one line of a log. */
const LONGEST_SHOWN = 80;

/**
 * Shows a value in a message: short, on one line, without the contents of objects and without credentials.
 *
 * Never calls code of the value (no `toString`, no getters).
 */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(cut(redact(value.slice(0, LONGEST_SHOWN * 8))));
    case 'bigint':
      return cut(`${value}n`);
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : types.isDate(value) ? 'a Date' : Array.isArray(value) ? 'an array' : 'an object';
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

/** Shortens text to one line's worth. */
export function cut(text: string, longest: number = LONGEST_SHOWN): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

import { cut } from '../errors/show-value.js';

/** A message names the place; a key that is a text of its own is cut. */
const LONGEST_KEY = 40;

/** A key as a part of a path: `.lines`, `[2]` or `["a key"]`. */
export function pathSegment(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[A-Za-z_$][\w$]{0,39}$/.test(key) ? `.${key}` : `[${JSON.stringify(cut(key, LONGEST_KEY))}]`;
}

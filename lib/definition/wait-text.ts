import type { WaitJson } from './plan-json.js';

/** A sleep's length or a wait's limit for people: `7d`, `until 2030-01-04T…`, `a computed time`. Pure. */
export function waitText(duration: WaitJson): string {
  if ('computed' in duration) return 'a computed time';
  return 'until' in duration ? `until ${duration.until}` : readable(duration.ms);
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** `1d 12h`: milliseconds as the two largest units that are not zero. */
function readable(ms: number): string {
  let rest = ms;
  const parts = UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? [] : [`${count}${unit}`];
  });
  return parts.slice(0, 2).join(' ') || '0s';
}

const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** A length of time for people: `412ms`, `3s`, `2m 5s`, `3d 4h`; two units at most. */
export function lengthOf(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const first = UNITS.findIndex(([unit]) => ms >= unit);
  const [unit, name] = UNITS[first];
  const whole = `${Math.floor(ms / unit)}${name}`;
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((ms % unit) / next[0]) : 0;
  return rest === 0 ? whole : `${whole} ${rest}${next[1]}`;
}

/** How long ago, or how far ahead, a time is: `5s ago`, `in 3d`. */
export function relative(time: Date, now: Date): string {
  const ms = now.getTime() - time.getTime();
  return ms >= 0 ? `${lengthOf(ms)} ago` : `in ${lengthOf(-ms)}`;
}

/** `2030-01-31 10:00:00Z`. */
export function shortTime(time: Date): string {
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

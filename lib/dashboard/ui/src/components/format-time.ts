const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** `3d 4h`, `12.4s`, `85ms`: milliseconds for people, in at most two units. */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1000) return `${ms}ms`;
  if (ms < 10_000 && ms % 1000 !== 0) return `${(Math.floor(ms / 100) / 10).toString()}s`;
  let rest = ms;
  const parts = UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    return count === 0 ? [] : [{ unit, text: `${count}${unit}` }];
  });
  const [first, second] = parts;
  if (first === undefined) return '0s';
  const adjacent = second !== undefined && follows(first.unit, second.unit);
  return adjacent ? `${first.text} ${second.text}` : first.text;
}

function follows(unit: string, next: string): boolean {
  const at = UNITS.findIndex(([name]) => name === unit);
  return UNITS[at + 1]?.[0] === next;
}

/** `in 3h`, `2m 4s ago`, `just now`; both in milliseconds since the epoch. */
export function formatRelative(at: number, now: number): string {
  const distance = at - now;
  if (Math.abs(distance) < 1000) return 'just now';
  const size = formatDuration(
    Math.abs(distance) < 10_000 ? Math.trunc(distance / 1000) * 1000 * Math.sign(distance) : Math.abs(distance),
  );
  return distance > 0 ? `in ${size}` : `${size} ago`;
}

/** `2030-01-04 12:05:09`, in the reader's time zone. */
export function formatTime(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatClock(at)}`;
}

/** `12:05:09`, in the reader's time zone. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

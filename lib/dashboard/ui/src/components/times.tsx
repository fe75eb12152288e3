import { now } from '../state/clock.js';
import { formatDuration, formatRelative, formatTime } from './format-time.js';

/** A time as its distance from now, which moves; the time itself in the tooltip. */
export function Ago({ at }: { readonly at: string | null }) {
  if (at === null) return <span class="muted">–</span>;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={formatTime(ms)} class="nowrap">
      {formatRelative(ms, now.value)}
    </time>
  );
}

/** The time itself; the distance in the tooltip. */
export function At({ at }: { readonly at: string | null }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time dateTime={at} title={at} class="nowrap">
      {formatTime(Date.parse(at))}
    </time>
  );
}

/** How long something took, or takes until now. */
export function Lasted({ from, to }: { readonly from: string | null; readonly to: string | null }) {
  if (from === null) return <span class="muted">–</span>;
  const end = to === null ? now.value : Date.parse(to);
  return <span class="nowrap">{formatDuration(end - Date.parse(from))}</span>;
}

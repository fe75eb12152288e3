import { formatDuration } from '../components/format-time.js';

/** From times, in milliseconds since the epoch, to places from 0 to 1. */
export interface TimeScale {
  readonly place: (at: number) => number;
  /** Where lines are drawn, and what stands there: the time since the beginning. */
  readonly ticks: readonly { readonly place: number; readonly label: string }[];
  /** Times that are drawn shorter than they were. */
  readonly breaks: readonly { readonly from: number; readonly to: number; readonly label: string }[];
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** So many that labels of eight characters do not touch in 480 px. */
const TICKS = 6;
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000,
  1_209_600_000, 2_592_000_000,
];

/** A length on the screen stands for the same length of time everywhere. */
export function linearScale(from: number, to: number): TimeScale {
  const length = Math.max(1, to - from);
  const step =
    STEPS.find((each) => length / each <= TICKS) ??
    STEPS[STEPS.length - 1] * Math.ceil(length / STEPS[STEPS.length - 1] / TICKS);
  const ticks = [];
  for (let offset = 0; offset <= length * 0.96; offset += step) {
    ticks.push({ place: offset / length, label: offset === 0 ? '0' : formatDuration(offset) });
  }
  return { place: (at) => clamp((at - from) / length), ticks, breaks: [] };
}

/** A break is this share of the width, however long it was. */
const BREAK = 0.06;
/** Shorter pauses than this share of the busy time are left to scale: squeezing them gains nothing. */
const WORTH = 0.5;

/**
 * Time in which something was executed is to scale; long times between, of waiting, are cut to a fixed length each. For a
 * run that worked for seconds and waited for days.
 *
 * @param busy when something was executed, in any order.
 */
export function squeezedScale(from: number, to: number, busy: readonly Interval[]): TimeScale {
  const merged = merge(busy);
  if (merged.length === 0) return linearScale(from, to);
  const worked = merged.reduce((sum, each) => sum + each.to - each.from, 0);
  const gaps = gapsOf(from, to, merged).filter((gap) => gap.to - gap.from > Math.max(1, worked) * WORTH);
  if (gaps.length === 0) return linearScale(from, to);
  const cut = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const breakWidth = Math.min(BREAK, 0.6 / gaps.length);
  const rate = (1 - breakWidth * gaps.length) / Math.max(1, to - from - cut);
  const place = (at: number): number => {
    let passed = 0;
    let time = Math.min(Math.max(at, from), to) - from;
    for (const gap of gaps) {
      if (at <= gap.from) break;
      const inside = Math.min(at, gap.to) - gap.from;
      time -= inside;
      passed += (inside / (gap.to - gap.from)) * breakWidth;
    }
    return clamp(time * rate + passed);
  };
  const breaks = gaps.map((gap) => ({
    from: place(gap.from),
    to: place(gap.to),
    label: formatDuration(gap.to - gap.from),
  }));
  return { place, ticks: [{ place: 0, label: '0' }], breaks };
}

function merge(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

function gapsOf(from: number, to: number, busy: readonly Interval[]): Interval[] {
  const edges = [from, ...busy.flatMap((each) => [each.from, each.to]), to];
  const gaps: Interval[] = [];
  for (let index = 0; index < edges.length; index += 2) {
    if (edges[index + 1] > edges[index]) gaps.push({ from: edges[index], to: edges[index + 1] });
  }
  return gaps;
}

function clamp(place: number): number {
  return Math.min(1, Math.max(0, place));
}

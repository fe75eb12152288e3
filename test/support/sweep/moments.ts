import { readFileSync } from 'node:fs';
import { PLACES } from '../failpoints/points.mjs';
import type { Dice } from '../interleaving/dice.js';

/** A moment at which a process can be hit: the n-th time that it comes by a place of a write. */
export interface Moment {
  readonly point: string;
  readonly place: string;
  readonly hit: number;
}

interface Line extends Moment {
  readonly moment: number;
  readonly points: readonly string[];
}

/**
 * How many hits of those writes are tried that a process repeats by the clock: the later ones have nothing new, and whether
 * they come at all depends on the time that a run takes.
 */
const BY_THE_CLOCK: Readonly<Record<string, number>> = { claim: 6, heartbeat: 2, recover: 1 };

export function nameOf({ point, place, hit }: Moment): string {
  return `${point}:${place}@${hit}`;
}

export function momentNamed(name: string): Moment {
  const [, point, place, hit] = /^(.+):(.+)@(\d+)$/.exec(name) ?? [];
  if (!hit) throw new Error(`"${name}" is no moment: say point:place@n, as in step:after-commit@3`);
  return { point, place, hit: Number(hit) };
}

export function killAt({ point, place, hit }: Moment): string {
  return `${point}:${place}=kill@${hit}`;
}

/** What a process has written down with `log`: every point that it passed, and each moment under its most telling name. */
export function readMoments(file: string): {
  readonly points: ReadonlySet<string>;
  readonly moments: readonly Moment[];
} {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
  const found = new Map<number, Moment>();
  for (const { moment, point, place, hit } of lines) {
    if (!found.has(moment) && hit <= (BY_THE_CLOCK[point] ?? Infinity)) found.set(moment, { point, place, hit });
  }
  return { points: new Set(lines.map(({ point }) => point)), moments: [...found.values()] };
}

/** The first so many hits of a write, at every place of it. */
export function firstHits(point: string, hits: number): readonly Moment[] {
  return Object.keys(PLACES).flatMap((place) =>
    Array.from({ length: hits }, (_, index) => ({ point, place, hit: index + 1 })),
  );
}

/** One moment of every point, and others, up to a number. */
export function sample(moments: readonly Moment[], count: number, dice: Dice): readonly Moment[] {
  const left = [...moments];
  const take = (moment: Moment): Moment => left.splice(left.indexOf(moment), 1)[0];
  const points = [...new Set(moments.map(({ point }) => point))];
  const taken = points.map((point) => take(dice.pick(left.filter((moment) => moment.point === point))));
  while (taken.length < count && left.length > 0) taken.push(take(dice.pick(left)));
  return taken;
}

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULT_KINDS, type TimedFault } from './nemesis/fault-plan.js';

export interface SoakOptions {
  readonly seed: number;
  /** How long faults are done; what comes before and after takes some seconds more. */
  readonly durationMs: number;
  /** Worker processes of the first code version. */
  readonly workers: number;
  /** Runs under way at any time. */
  readonly runs: number;
  /** The kinds of faults. Only a soak with all of them is judged by how much it did. */
  readonly only: readonly string[];
  /** A recorded plan of faults, in place of one drawn from the seed. */
  readonly faults: readonly TimedFault[] | null;
}

/** What is saved of a soak, so that it can be repeated. */
export type SavedSoak = Omit<SoakOptions, 'faults'> & { readonly faults: readonly TimedFault[] };

export const USAGE = `npm run soak -- [--minutes 30 | --seconds 40] [--seed N] [--workers 5] [--runs 60] [--only kill,term] [--replay .soak/<file>.json]`;

/** @throws Error when an argument is not known or no positive number. */
export function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      workers: { type: 'string' },
      runs: { type: 'string' },
      only: { type: 'string' },
      replay: { type: 'string' },
    },
  });
  if (values.replay !== undefined) return JSON.parse(readFileSync(values.replay, 'utf8')) as SavedSoak;
  const seconds = positive('seconds', values.seconds, positive('minutes', values.minutes, 30) * 60);
  return {
    seed: positive('seed', values.seed, 1 + Math.floor(Math.random() * 999_999)),
    durationMs: seconds * 1_000,
    workers: positive('workers', values.workers, 5),
    runs: positive('runs', values.runs, 60),
    only: kinds(values.only),
    faults: null,
  };
}

function kinds(text: string | undefined): readonly string[] {
  if (text === undefined) return FAULT_KINDS;
  const wanted = text.split(',');
  const unknown = wanted.filter((kind) => !FAULT_KINDS.includes(kind));
  if (unknown.length > 0) throw new Error(`--only knows no ${unknown.join(', ')}, but ${FAULT_KINDS.join(', ')}`);
  return wanted;
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`--${name} must be a positive number, not ${text}`);
  return value;
}

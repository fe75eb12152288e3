import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Names of workloads; null for all. */
  readonly only: readonly string[] | null;
  /** Names of subjects; null for all that are installed. */
  readonly subjects: readonly string[] | null;
  /** How long a throughput is measured, in seconds. */
  readonly seconds: number;
  /** What is not measured before it, in seconds: connections, prepared statements and the compiler settle. */
  readonly warmUpSeconds: number;
  /** Runs in flight at one time; null for as many as suit each engine best. */
  readonly inFlight: number | null;
  /** How often everything is measured; figures are the medians. */
  readonly turns: number;
  /** Measurements of latency a turn, at most; slow subjects stop after `seconds`. */
  readonly samples: number;
  readonly quick: boolean;
  readonly json: boolean;
  /** Where the plot is written; null for nowhere. */
  readonly svg: string | null;
}

export const USAGE = `npm run bench -- [options]

  --only <names>      workloads, with commas between them (default all; a wrong name prints the names)
  --subjects <names>  engines, with commas between them (default all that are installed)
  --seconds <n>       how long a throughput is measured (default 3)
  --in-flight <n>     runs in flight at one time (default what suits each engine best: 1,000, peers 200)
  --turns <n>         how often everything is measured, in turn; figures are medians (default 3)
  --quick             one turn of one second, smaller tables: a first impression, not a measurement
  --json              prints the figures as JSON and nothing else; use it with npm run --silent
  --svg <file>        also writes a plot of the throughputs
  --help

The other engines are installed by "npm run bench:peers"; without them nest-durable and the references are measured alone.
The database is that of DATABASE_URL, where databases are created and dropped again; without it, a PostgreSQL with the
settings of a new installation is started on a folder of its own.`;

/** @returns null when help was asked for. @throws TypeError, RangeError with what is wrong with the arguments. */
export function parseBenchOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      subjects: { type: 'string' },
      seconds: { type: 'string' },
      'in-flight': { type: 'string' },
      turns: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      svg: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  return {
    only: names('--only', values.only),
    subjects: names('--subjects', values.subjects),
    seconds: positive('--seconds', values.seconds ?? (quick ? '1' : '3')),
    warmUpSeconds: quick ? 1 : 2,
    inFlight: values['in-flight'] === undefined ? null : positive('--in-flight', values['in-flight']),
    turns: positive('--turns', values.turns ?? (quick ? '1' : '3')),
    samples: quick ? 40 : 200,
    quick,
    json: values.json,
    svg: values.svg ?? null,
  };
}

function names(option: string, text: string | undefined): readonly string[] | null {
  if (text === undefined) return null;
  const list = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (list.length === 0) throw new RangeError(`${option} needs at least one name`);
  return list;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} must be a whole number from 1, not ${text}`);
  return value;
}

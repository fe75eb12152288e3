import { didYouMean } from '../common/did-you-mean.js';
import { durationMs, parseDuration, type Duration } from '../common/duration.js';
import { InvalidDurationError } from '../errors/invalid-duration.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';
import type { StandardSchema } from './plan.js';
import { isStandardSchema } from './standard-schema.js';
import type { ProblemList } from './problem-list.js';

/**
 * Reads the options of one node, once, and reports everything that is wrong with them: values that an option cannot
 * have, and names that are no options, which would otherwise be ignored in silence.
 *
 * Every method returns `undefined` for an option that is absent, and for one that it reported.
 */
export class NodeOptionReader {
  private readonly options: Readonly<Record<string, unknown>>;

  constructor(
    options: unknown,
    private readonly where: string,
    known: readonly string[],
    private readonly problems: ProblemList,
  ) {
    const usable = options === undefined || (typeof options === 'object' && options !== null);
    if (!usable) problems.add(new InvalidOptionError(`options of ${where}`, options, 'an object'));
    this.options = usable && options !== undefined ? (options as Record<string, unknown>) : {};
    for (const name of Object.keys(this.options)) {
      if (!known.includes(name)) problems.add(new UnknownOptionError(this.path(name), known, didYouMean(name, known)));
    }
  }

  integer(name: string, from: number, to: number): number | undefined {
    const value = this.options[name];
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && (value as number) >= from && (value as number) <= to) return value as number;
    return this.report(name, value, `an integer from ${from} to ${to}`);
  }

  required(name: string, expectation: string): void {
    if (this.options[name] === undefined) this.report(name, undefined, expectation);
  }

  fn<T>(name: string): T | undefined {
    const value = this.options[name];
    if (value === undefined || typeof value === 'function') return value as T | undefined;
    return this.report(name, value, 'a function');
  }

  oneOf<T>(name: string, values: readonly T[]): T | undefined {
    const value = this.options[name] as T;
    if (value === undefined || values.includes(value)) return value;
    const listed = values.map((each) => JSON.stringify(each)).join(', ');
    return this.report(name, value, `one of ${listed}`);
  }

  /** The longest something may take: at least a millisecond, because no attempt could ever finish in none. */
  limitMs(name: string): number | undefined {
    const value = this.options[name];
    if (value === undefined) return undefined;
    return this.problems.attempt(() => {
      const ms = durationMs(value, this.path(name));
      if (ms < 1) throw new InvalidDurationError(value, this.path(name), 'at least one millisecond');
      return ms;
    });
  }

  /** How long to wait at most, or until when. Zero looks once and waits for nothing. */
  duration(name: string): Duration | undefined {
    const value = this.options[name];
    if (value === undefined) return undefined;
    return this.problems.attempt(() => normalise(parseDuration(value, this.path(name))));
  }

  schema(name: string): StandardSchema | undefined {
    const value = this.options[name];
    if (value === undefined || isStandardSchema(value)) return value;
    return this.report(name, value, 'a Standard Schema (zod, valibot, arktype, …)');
  }

  /** An object of schemas by name, all of which are in `names`. */
  schemas(name: string, names: readonly string[]): Readonly<Record<string, StandardSchema>> | undefined {
    const value = this.options[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null) return this.report(name, value, 'an object of Standard Schemas');
    for (const [key, schema] of Object.entries(value)) {
      if (!names.includes(key))
        this.report(`${name}.${key}`, schema, `a schema of one of its signals: ${names.join(', ')}`);
      else if (!isStandardSchema(schema))
        this.report(`${name}.${key}`, schema, 'a Standard Schema (zod, valibot, arktype, …)');
    }
    return Object.freeze({ ...value });
  }

  private path(name: string): string {
    return `${name} of ${this.where}`;
  }

  private report(name: string, value: unknown, expectation: string): undefined {
    this.problems.add(new InvalidOptionError(this.path(name), value, expectation));
    return undefined;
  }
}

/** Plan nodes are immutable, a `Date` is not: what is kept is a copy of it, or plain milliseconds. */
function normalise(parsed: ReturnType<typeof parseDuration>): Duration {
  return 'at' in parsed ? parsed.at : parsed.ms;
}

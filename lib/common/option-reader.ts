import { didYouMean } from './did-you-mean.js';
import { durationMs } from './duration.js';
import { assertName, assertSchemaName } from './names.js';
import { InvalidDurationError } from '../errors/invalid-duration.error.js';
import { InvalidNameError } from '../errors/invalid-name.error.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { UnknownOptionError } from '../errors/unknown-option.error.js';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Which options an object may have. */
export interface OptionsShape {
  /** The path of the object itself: `worker`; empty for the outermost one. */
  readonly prefix: string;
  /** What the outermost object is called. */
  readonly title?: string;
  readonly keys: readonly string[];
  /** Paths of options of other objects, for suggestions. */
  readonly elsewhere?: readonly string[];
  /** What may stand in the object's place. @default 'an object' */
  readonly expectation?: string;
}

/**
 * Reads the options of one object, each by its kind; `undefined` becomes the default.
 *
 * Guarantees: every refusal is an `InvalidOptionError` with the option's full path. Stateless.
 */
export class OptionReader {
  private constructor(
    private readonly options: Readonly<Record<string, unknown>>,
    private readonly prefix: string,
  ) {}

  /** @throws InvalidOptionError when `options` is no object, or has a key that the shape does not list. */
  static of(options: unknown, shape: OptionsShape): OptionReader {
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new InvalidOptionError(shape.title ?? shape.prefix, options, shape.expectation ?? 'an object');
    }
    const reader = new OptionReader(options as Record<string, unknown>, shape.prefix);
    const unknown = Object.keys(options).find((key) => !shape.keys.includes(key));
    if (unknown !== undefined) throw reader.unknown(unknown, shape);
    return reader;
  }

  integer(key: string, byDefault: number, { min, max }: Bounds): number {
    const value = this.options[key];
    if (value === undefined) return byDefault;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidOptionError(this.path(key), value, `an integer from ${min} to ${max}`);
  }

  /** @returns milliseconds. */
  duration(key: string, byDefault: number, { min, max }: Bounds): number {
    const value = this.options[key];
    if (value === undefined) return byDefault;
    const path = this.path(key);
    const ms = translated(path, value, () => durationMs(value, `option ${path}`));
    if (ms >= min && ms <= max) return ms;
    const range = max === Infinity ? `of at least ${min} ms` : `from ${min} ms to ${max} ms`;
    throw new InvalidOptionError(path, value, `a duration ${range}`);
  }

  boolean(key: string, byDefault: boolean): boolean {
    const value = this.options[key];
    if (value === undefined) return byDefault;
    if (typeof value === 'boolean') return value;
    throw new InvalidOptionError(this.path(key), value, 'true or false');
  }

  name<D extends string | undefined>(key: string, byDefault: D): string | D {
    const value = this.options[key];
    if (value === undefined) return byDefault;
    return translated(this.path(key), value, () => {
      assertName(this.path(key), value);
      return value;
    });
  }

  schema(key: string, byDefault: string): string {
    const value = this.options[key];
    if (value === undefined) return byDefault;
    return translated(this.path(key), value, () => {
      assertSchemaName(value);
      return value;
    });
  }

  function<F extends (...args: never[]) => unknown>(key: string, byDefault: F, expectation: string): F {
    const value = this.options[key];
    if (value === undefined) return byDefault;
    if (typeof value === 'function') return value as F;
    throw new InvalidOptionError(this.path(key), value, expectation);
  }

  private path(key: string): string {
    return this.prefix === '' ? key : `${this.prefix}.${key}`;
  }

  private unknown(key: string, { keys, elsewhere = [] }: OptionsShape): UnknownOptionError {
    const path = this.path(key);
    const known = keys.map((name) => this.path(name));
    return new UnknownOptionError(path, known, didYouMean(path, [...known, ...elsewhere]));
  }
}

/** Turns the error of a name or duration into the option's. */
function translated<T>(path: string, value: unknown, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidOptionError(path, value, expectationOf(error), { cause: error });
  }
}

function expectationOf(error: unknown): string {
  if (error instanceof InvalidDurationError) return error.expectation;
  if (error instanceof InvalidNameError) return `a name that can be used (${error.reason})`;
  throw error;
}

import { pathSegment } from './path-segment.js';
import { PayloadProblem, problemOf, problemOfDropped, problemOfText } from './payload-problem.js';
import { TextTooLong } from './text-too-long.js';

/**
 * Nested containers. Real data has a dozen; this leaves the stack alone, and every JSON parser on the way too.
 */
export const MAX_PAYLOAD_DEPTH = 500;

/** A message names the place; it need not print a path of thousands of characters. */
const LONGEST_PATH = 200;

/** What a JSON string must escape, and what PostgreSQL refuses or UTF-8 cannot hold. */
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

const NOWHERE = {};

/**
 * Writes one value as JSON text in one walk. It checks, reads and writes each property at once, which `JSON.stringify`
 * after a check would read again; for small objects it is also faster than that.
 *
 * One writer serves one value. When `write` throws, `path()` is the place where it stopped.
 */
export class JsonWriter {
  /**
   * The keys from the root to the current value; entries from `depth` on are left over from earlier values. It begins with one
   * place, as the containers do: most values are flat, and an empty array takes places for many when it grows.
   */
  private readonly keys: (string | number)[] = [''];
  private readonly containers: object[] = [NOWHERE];
  private depth = 0;
  private length = 0;

  constructor(private readonly limit: number) {}

  /**
   * @param depth how many containers the value is in; 0 for the root.
   * @throws PayloadProblem, TextTooLong, or whatever a getter or proxy throws.
   */
  write(value: unknown, depth: number): string {
    switch (typeof value) {
      case 'string':
        return this.string(value);
      case 'number':
        if (!Number.isFinite(value)) throw problemOf(value);
        return this.count(`${value}`);
      case 'boolean':
        return this.count(value ? 'true' : 'false');
      case 'object':
        if (value === null) return this.count('null');
        return Array.isArray(value) ? this.array(value, depth) : this.object(value as Record<string, unknown>, depth);
      default:
        throw problemOf(value);
    }
  }

  /** E.g. `$.lines[2].price`. */
  path(): string {
    const path = this.pathTo(this.depth);
    return path.length <= LONGEST_PATH ? path : `${path.slice(0, LONGEST_PATH / 2)}…${path.slice(-LONGEST_PATH / 2)}`;
  }

  private object(value: Record<string, unknown>, depth: number): string {
    if (!isPlain(value)) throw problemOf(value);
    this.enter(value, depth);
    const keys = Object.keys(value);
    refuseDropped(value, keys);
    let text = '{';
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      this.keys[depth] = key;
      this.depth = depth + 1;
      const name = this.name(key);
      text += (i === 0 ? '' : ',') + name + ':' + this.write(value[key], depth + 1);
    }
    return text + '}';
  }

  private array(value: readonly unknown[], depth: number): string {
    if (!Array.isArray(Object.getPrototypeOf(value))) throw problemOf(value);
    this.enter(value, depth);
    const length = value.length;
    if (length > this.limit) throw this.tooLong(length);
    let text = '[';
    for (let i = 0; i < length; i++) {
      this.keys[depth] = i;
      this.depth = depth + 1;
      const item = value[i];
      if (item === undefined)
        throw new PayloadProblem('is undefined or missing, which JSON turns into null', 'Use null');
      text += (i === 0 ? '' : ',') + this.write(item, depth + 1);
    }
    this.depth = depth;
    refuseExtras(value, length);
    return text + ']';
  }

  /** Two units a container: its brackets. They also end the walk of data that refers to itself in many places. */
  private enter(value: object, depth: number): void {
    if (depth >= MAX_PAYLOAD_DEPTH) throw this.cycle() ?? tooDeep();
    this.containers[depth] = value;
    this.grow(2);
  }

  private string(value: string): string {
    this.grow(value.length + 2);
    if (!NEEDS_CARE.test(value)) return `"${value}"`;
    const problem = problemOfText(value, 'contains');
    if (problem !== null) throw problem;
    return JSON.stringify(value);
  }

  private name(key: string): string {
    this.grow(key.length + 3);
    if (key === '__proto__') {
      throw new PayloadProblem('is named __proto__, which would change the prototype of a copy', 'Rename the property');
    }
    if (!NEEDS_CARE.test(key)) return `"${key}"`;
    const problem = problemOfText(key, 'has a name with');
    if (problem !== null) throw problem;
    return JSON.stringify(key);
  }

  private count(text: string): string {
    this.grow(text.length);
    return text;
  }

  /** Counts a lower bound of the text's length, so that data which shares objects cannot grow without end. */
  private grow(by: number): void {
    this.length += by;
    if (this.length > this.limit) throw this.tooLong(this.length);
  }

  private tooLong(length: number): Error {
    return this.cycle() ?? new TextTooLong(length);
  }

  /** The problem of a container that contains itself, if the current one does; moves to where the circle closes. */
  private cycle(): PayloadProblem | null {
    const first = new Map<object, number>();
    for (let depth = 0; depth < this.depth; depth++) {
      const start = first.get(this.containers[depth]);
      if (start !== undefined) {
        this.depth = depth;
        return new PayloadProblem(`refers back to ${this.pathTo(start)}`, 'Store an id instead of the object itself');
      }
      first.set(this.containers[depth], depth);
    }
    return null;
  }

  private pathTo(depth: number): string {
    return `$${this.keys.slice(0, depth).map(pathSegment).join('')}`;
  }
}

function tooDeep(): PayloadProblem {
  return new PayloadProblem(
    `is nested deeper than ${MAX_PAYLOAD_DEPTH} levels`,
    'Flatten the data, or store it as a string of its own',
  );
}

/** True for object literals, also of another realm (Jest, vm), and for objects without a prototype. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || isRootPrototype(prototype as object);
}

function isRootPrototype(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/** Refuses symbol keys and properties that are not enumerable. */
function refuseDropped(value: object, keys: readonly string[]): void {
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.length > 0) throw problemOfDropped(symbols[0]);
  const names = Object.getOwnPropertyNames(value);
  if (names.length !== keys.length) throw problemOfDropped(names.find((name) => !keys.includes(name)));
}

/** Refuses properties beside the elements, e.g. `index` of a match of a regular expression. */
function refuseExtras(value: readonly unknown[], length: number): void {
  const symbols = Object.getOwnPropertySymbols(value);
  if (symbols.length > 0) throw problemOfDropped(symbols[0]);
  const keys = Object.keys(value);
  if (keys.length === length) return;
  throw problemOfDropped(keys[length]);
}

import { types } from 'node:util';
import { cut, showValue } from '../errors/show-value.js';

/** What is wrong with a value, and what to do about it; the path is added by whoever knows it. Never leaves this folder. */
export class PayloadProblem extends Error {
  constructor(
    /** Continues the path: `is a BigInt`. */
    readonly reason: string,
    /** A sentence without its full stop. */
    readonly fix: string,
  ) {
    super(reason);
  }
}

/** Says why a value that is no JSON value is none. Calls no code of the value. */
export function problemOf(value: unknown): PayloadProblem {
  switch (typeof value) {
    case 'undefined':
      return new PayloadProblem('is undefined, which JSON does not have', 'Leave it out, or use null');
    case 'number':
      return new PayloadProblem(`is ${value}, which JSON turns into null`, 'Use null, or a string');
    case 'bigint':
      return new PayloadProblem('is a BigInt', 'Convert it with String(value)');
    case 'symbol':
      return new PayloadProblem('is a symbol', 'Use a string');
    case 'function':
      return new PayloadProblem('is a function', 'Store data, and call the function in a step');
    default:
      return problemOfObject(value as object);
  }
}

function problemOfObject(value: object): PayloadProblem {
  if (types.isDate(value)) return new PayloadProblem('is a Date', 'Convert it with toISOString() or getTime()');
  if (types.isMap(value)) return new PayloadProblem('is a Map', 'Convert it with Object.fromEntries(map) or [...map]');
  if (types.isSet(value)) return new PayloadProblem('is a Set', 'Convert it with [...set]');
  if (types.isPromise(value)) return new PayloadProblem('is a Promise', 'Await it');
  if (types.isNativeError(value)) return new PayloadProblem('is an Error', 'Store its message, or throw it');
  if (types.isBoxedPrimitive(value)) return new PayloadProblem('is a boxed primitive', 'Convert it with valueOf()');
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    return new PayloadProblem('is binary data', "Convert it with Buffer.from(value).toString('base64')");
  }
  const name = className(value);
  const what = name === '' ? 'has a prototype of its own' : `is an instance of ${name}`;
  const copy = Array.isArray(value) ? 'Array.from(value)' : '{ ...value }';
  return new PayloadProblem(what, `Convert it to plain data, for example with ${copy}`);
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  const type = prototype === null ? undefined : Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  const name: unknown = typeof type === 'function' ? Object.getOwnPropertyDescriptor(type, 'name')?.value : undefined;
  return typeof name === 'string' ? cut(name, 60) : '';
}

/** The problem of a string, or of a property's name, that PostgreSQL's `json` cannot hold. */
export function problemOfText(text: string, subject: string): PayloadProblem | null {
  if (text.includes('\u0000')) {
    return new PayloadProblem(`${subject} the character \\u0000, which PostgreSQL refuses`, 'Remove it');
  }
  if (/\p{Surrogate}/u.test(text)) {
    return new PayloadProblem(
      `${subject} half of a surrogate pair, which is no character`,
      'Cut text between characters',
    );
  }
  return null;
}

/** The problem of a property that JSON would drop without a word. */
export function problemOfDropped(key: string | symbol | undefined): PayloadProblem {
  const which =
    typeof key === 'symbol' ? `the key ${cut(String(key), 60)}` : `the property ${showValue(key)} beside its data`;
  return new PayloadProblem(`has ${which}, which JSON drops`, 'Convert it to plain data, for example with a literal');
}

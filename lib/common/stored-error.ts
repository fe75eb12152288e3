import { inspect } from 'node:util';
import { restoreError } from '../errors/restore-error.js';
import type { StoredError } from '../storage/contract/records.js';

/** A page of text: enough for validation errors that list many fields. */
const MESSAGE_BYTES = 8 * 1024;
/** A few hundred frames; beyond that a recursion repeats itself. */
const STACK_BYTES = 16 * 1024;
const NAME_BYTES = 200;
/** Any key of the journal fits: two names of at most 200 characters and what joins them. */
const STEP_BYTES = 2 * 1024;
/** An error that needs more links to be understood hides its cause. */
const CAUSE_DEPTH = 5;

/**
 * Makes anything that a handler can throw storable: normalised, capped, and free of what PostgreSQL refuses.
 *
 * Never throws and never changes `thrown`, whatever it is: a string, `null`, a frozen or cyclic error, a proxy, an error
 * with getters that throw or a stack of megabytes. Messages are cut at 8 KiB, stacks at 16 KiB, causes after five.
 *
 * @param step the unit that failed, e.g. `charge` or `undo:charge`.
 */
export function toStoredError(thrown: unknown, step?: string): StoredError {
  const stored = normalise(thrown, new Set());
  return step === undefined ? stored : { ...stored, step: cap(step, STEP_BYTES) };
}

/** The `Error` of a stored one; see `restoreError`. */
export const fromStoredError: (stored: StoredError) => Error & { code?: string; step?: string } = restoreError;

function normalise(thrown: unknown, seen: Set<unknown>): StoredError {
  seen.add(thrown);
  if (!isErrorLike(thrown)) return { name: 'Error', message: cap(describe(thrown), MESSAGE_BYTES) };
  const name = textOf(thrown, 'name', NAME_BYTES) || 'Error';
  const message = textOf(thrown, 'message', MESSAGE_BYTES) || joinedMessages(thrown);
  const code = codeOf(thrown);
  const stack = textOf(thrown, 'stack', STACK_BYTES);
  const cause = causeOf(thrown, seen);
  // A restored error, such as that of a child, names the unit that failed.
  const step = textOf(thrown, 'step', NAME_BYTES);
  return {
    name,
    message,
    ...(code === '' ? {} : { code }),
    ...(stack === '' ? {} : { stack }),
    ...(step === '' ? {} : { step }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function causeOf(thrown: object, seen: Set<unknown>): StoredError | undefined {
  const cause = read(thrown, 'cause') ?? partsOf(thrown)[0];
  if (cause === undefined || cause === null || seen.has(cause) || seen.size > CAUSE_DEPTH) return undefined;
  return normalise(cause, seen);
}

/** An AggregateError of Node's network layer has an empty message; its parts have the reason. */
function joinedMessages(thrown: object): string {
  const messages = partsOf(thrown).map((part) => (isErrorLike(part) ? textOf(part, 'message', NAME_BYTES) : ''));
  return cap(messages.filter((message) => message !== '').join('; '), MESSAGE_BYTES);
}

/** The first few errors of an AggregateError. */
function partsOf(thrown: object): unknown[] {
  const errors = read(thrown, 'errors');
  try {
    return Array.isArray(errors) ? errors.slice(0, 3) : [];
  } catch {
    return [];
  }
}

function codeOf(thrown: object): string {
  const code = read(thrown, 'code');
  return typeof code === 'number' ? String(code) : textOf(thrown, 'code', NAME_BYTES);
}

function isErrorLike(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof read(value, 'message') === 'string';
}

function textOf(holder: object, key: string, bytes: number): string {
  const value = read(holder, key);
  return typeof value === 'string' ? cap(value, bytes) : '';
}

function read(holder: object, key: string): unknown {
  try {
    return (holder as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** What was thrown instead of an error, on one line; neither getters nor inspectors of its own are called. */
function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown;
  try {
    const options = {
      depth: 1,
      maxArrayLength: 10,
      maxStringLength: 1000,
      breakLength: Infinity,
      customInspect: false,
    };
    return `${inspect(thrown, options)} was thrown instead of an Error`;
  } catch {
    return 'something that cannot be shown was thrown instead of an Error';
  }
}

/** Removes what `json` cannot hold and cuts at a number of UTF-8 bytes. */
function cap(text: string, bytes: number): string {
  const clean = text
    .slice(0, bytes + 1)
    .replaceAll('\u0000', '')
    .replace(/\p{Surrogate}/gu, '');
  if (text.length <= bytes && Buffer.byteLength(clean) <= bytes) return clean;
  const mark = '… (cut)';
  const kept = Buffer.from(clean).subarray(0, bytes - Buffer.byteLength(mark));
  return kept.toString('utf8').replace(/\ufffd+$/, '') + mark;
}

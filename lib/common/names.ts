import { InvalidNameError } from '../errors/invalid-name.error.js';

/** Names appear in keys, indexes, logs and on screens; 200 characters leave an index entry far below its 2.7 kB. */
export const MAX_NAME_LENGTH = 200;

/** Enough for two hashes and some prefixes; at most 2 kB in UTF-8, so that the unique index can hold every key. */
const MAX_IDEMPOTENCY_KEY_LENGTH = 512;

/** Enough for a customer, a region, a release and the like; what has more to say belongs into the input. */
const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 100;

/** PostgreSQL cuts longer identifiers off without an error: NAMEDATALEN - 1. */
const MAX_SCHEMA_BYTES = 63;

/** Control characters (NUL is refused by PostgreSQL, the others break logs) and line separators. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** These structure the keys of the journal: `node.branch`, `node#0`, `undo:node`. */
const RESERVED_IN_NODES = /[.#:]/;

/**
 * Checks a name that may hold any text: a workflow's, signal's, queue's or worker's.
 *
 * @param what the kind of name, as the error says it: `signal name`.
 * @throws InvalidNameError
 */
export function assertName(what: string, value: unknown): asserts value is string {
  assertText(what, value, MAX_NAME_LENGTH);
}

/**
 * Checks the name of a node or branch, which becomes part of journal keys and a key of `results`.
 *
 * @throws InvalidNameError
 */
export function assertNodeName(value: unknown, what = 'node name'): asserts value is string {
  assertText(what, value, MAX_NAME_LENGTH);
  if (RESERVED_IN_NODES.test(value)) {
    throw new InvalidNameError(
      what,
      value,
      'it must not contain ".", "#" or ":", which structure the keys of the journal',
    );
  }
  if (value === '__proto__')
    throw new InvalidNameError(what, value, 'it cannot be a key of results; choose another name');
}

/** @throws InvalidNameError */
export function assertIdempotencyKey(value: unknown): asserts value is string {
  assertText('idempotency key', value, MAX_IDEMPOTENCY_KEY_LENGTH);
}

/** @throws InvalidNameError */
function assertTag(value: unknown): asserts value is string {
  assertText('tag', value, MAX_TAG_LENGTH);
}

/** @throws InvalidNameError */
export function assertTags(value: unknown): asserts value is readonly string[] {
  if (!Array.isArray(value)) throw new InvalidNameError('tags', value, 'they must be an array of strings');
  if (value.length > MAX_TAGS) {
    throw new InvalidNameError('tags', value, `there are ${value.length}; at most ${MAX_TAGS} are allowed`);
  }
  for (const tag of value) assertTag(tag);
}

/** @throws InvalidNameError */
export function assertSchemaName(value: unknown): asserts value is string {
  assertText('schema name', value, MAX_SCHEMA_BYTES);
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_SCHEMA_BYTES) {
    throw new InvalidNameError('schema name', value, `it has ${bytes} bytes; PostgreSQL allows ${MAX_SCHEMA_BYTES}`);
  }
  if (/^pg_/i.test(value) || value === 'information_schema') {
    throw new InvalidNameError('schema name', value, 'PostgreSQL keeps it for itself; choose another name');
  }
}

function assertText(what: string, value: unknown, longest: number): asserts value is string {
  if (typeof value !== 'string') throw new InvalidNameError(what, value, 'it must be a string');
  if (value.trim() === '') throw new InvalidNameError(what, value, 'it must not be empty');
  if (value.length > longest) {
    throw new InvalidNameError(what, value, `it has ${value.length} characters; at most ${longest} are allowed`);
  }
  if (CONTROL.test(value)) {
    throw new InvalidNameError(what, value, 'it must not contain control characters or line breaks');
  }
  if (LONE_SURROGATE.test(value)) {
    throw new InvalidNameError(what, value, 'it contains half of a surrogate pair, which is no character');
  }
}

/** Which names are accepted. Names in module options: resolve-durable-options.spec.ts. */
import { assertIdempotencyKey, assertName, assertNodeName, assertSchemaName } from '../../../lib/common/names.js';
import { InvalidNameError } from '../../../lib/errors/index.js';

const anyName = (value: unknown): void => assertName('signal name', value);
const nodeName = (value: unknown): void => assertNodeName(value);
const key = (value: unknown): void => assertIdempotencyKey(value);
const schema = (value: unknown): void => assertSchemaName(value);

const ACCEPTED: [string, (value: unknown) => void, string][] = [
  ['quotes and parameters in a name', anyName, `it's "$1"; drop table run --`],
  ['emoji in a name', anyName, 'order 🚚'],
  ['dots in a name', anyName, 'shop.order:paid#1'],
  ['200 characters', anyName, 'x'.repeat(200)],
  ['a method name as a node', nodeName, 'coolingOff'],
  ['names of Object.prototype as a node', nodeName, 'constructor'],
  ['spaces in a node', nodeName, 'charge the card'],
  ['a key of 512 characters', key, 'k'.repeat(512)],
  ['a schema of 63 bytes', schema, 's'.repeat(63)],
  ['a schema with capitals and quotes', schema, 'My "own" schema'],
];

const REFUSED: [string, (value: unknown) => void, unknown, string][] = [
  ['no string', anyName, 5, 'Invalid signal name 5: it must be a string.'],
  ['undefined', anyName, undefined, 'Invalid signal name undefined: it must be a string.'],
  ['an empty name', anyName, '', 'Invalid signal name "": it must not be empty.'],
  ['a name of spaces', anyName, '  ', 'Invalid signal name "  ": it must not be empty.'],
  [
    'a name of 10 kB',
    anyName,
    'x'.repeat(10_000),
    `Invalid signal name "${'x'.repeat(80)}…": it has 10000 characters; at most 200 are allowed.`,
  ],
  [
    'a line break',
    anyName,
    'a\nb',
    'Invalid signal name "a\\nb": it must not contain control characters or line breaks.',
  ],
  [
    'a NUL',
    anyName,
    'a\u0000b',
    'Invalid signal name "a\\u0000b": it must not contain control characters or line breaks.',
  ],
  [
    'a line separator',
    anyName,
    'a\u2028b',
    'Invalid signal name "a\u2028b": it must not contain control characters or line breaks.',
  ],
  [
    'half of a surrogate pair',
    anyName,
    'a\ud83d',
    'Invalid signal name "a\\ud83d": it contains half of a surrogate pair, which is no character.',
  ],
  ...['a.b', 'a#1', 'undo:a'].map((value): [string, typeof nodeName, string, string] => [
    `${value} as a node`,
    nodeName,
    value,
    `Invalid node name "${value}": it must not contain ".", "#" or ":", which structure the keys of the journal.`,
  ]),
  [
    '__proto__ as a node',
    nodeName,
    '__proto__',
    'Invalid node name "__proto__": it cannot be a key of results; choose another name.',
  ],
  [
    'a key of 513 characters',
    key,
    'k'.repeat(513),
    `Invalid idempotency key "${'k'.repeat(80)}…": it has 513 characters; at most 512 are allowed.`,
  ],
  [
    'a schema of 64 bytes in 32 characters',
    schema,
    'é'.repeat(32),
    `Invalid schema name "${'é'.repeat(32)}": it has 64 bytes; PostgreSQL allows 63.`,
  ],
  [
    'a schema of PostgreSQL',
    schema,
    'pg_temp',
    'Invalid schema name "pg_temp": PostgreSQL keeps it for itself; choose another name.',
  ],
  [
    'the information schema',
    schema,
    'information_schema',
    'Invalid schema name "information_schema": PostgreSQL keeps it for itself; choose another name.',
  ],
];

describe('names', () => {
  it.each(ACCEPTED)('may have %s', (_title, check, value) => {
    expect(() => check(value)).not.toThrow();
  });

  it.each(REFUSED)('may not be %s', (_title, check, value, message) => {
    const refused = expect(() => check(value));
    refused.toThrow(InvalidNameError);
    refused.toThrow(message);
  });

  it('are called what the caller says', () => {
    expect(() => assertNodeName('a.b', 'branch name')).toThrow(/^Invalid branch name "a\.b"/);
  });
});

/**
 * Which values `serializePayload` refuses, and with which words. What it writes: json-payload.spec.ts. That nothing is
 * written to the database when it refuses: the integration tests of the runner.
 */
import { PayloadTooLargeError } from '../../../lib/errors/index.js';
import { nested, refusal, where } from './payload-fixtures.js';

class Money {
  constructor(readonly cents: number) {}
}
class Lines extends Array<number> {}

describe('serializePayload refuses', () => {
  const bare = (fields: object): object => Object.assign(Object.create({ inherited: 1 }), fields);
  const hidden = Object.defineProperty({ a: 1 }, 'secret', { value: 1, enumerable: false });
  const named = Object.assign([1, 2], { total: 3 });

  it.each<[string, unknown, path: string, reason: string, fix: string]>([
    [
      'a BigInt',
      { lines: [{}, {}, { price: 5n }] },
      '$.lines[2].price',
      'is a BigInt',
      'Convert it with String(value)',
    ],
    ['a BigInt alone', 5n, '$', 'is a BigInt', 'Convert it with String(value)'],
    ['NaN', { a: NaN }, '$.a', 'is NaN, which JSON turns into null', 'Use null, or a string'],
    ['Infinity', [Infinity], '$[0]', 'is Infinity, which JSON turns into null', 'Use null, or a string'],
    ['minus infinity', -Infinity, '$', 'is -Infinity, which JSON turns into null', 'Use null, or a string'],
    [
      'an undefined property',
      { a: { b: undefined } },
      '$.a.b',
      'is undefined, which JSON does not have',
      'Leave it out, or use null',
    ],
    ['an undefined element', [1, undefined], '$[1]', 'is undefined or missing, which JSON turns into null', 'Use null'],
    ['a hole', [1, , 3], '$[1]', 'is undefined or missing, which JSON turns into null', 'Use null'],
    [
      'a long array of holes',
      new Array(100),
      '$[0]',
      'is undefined or missing, which JSON turns into null',
      'Use null',
    ],
    ['a function', { a: () => 1 }, '$.a', 'is a function', 'Store data, and call the function in a step'],
    [
      'a toJSON of its own',
      { a: { toJSON: () => 1 } },
      '$.a.toJSON',
      'is a function',
      'Store data, and call the function in a step',
    ],
    ['a symbol', { a: Symbol('x') }, '$.a', 'is a symbol', 'Use a string'],
    ['a Date', { at: new Date(0) }, '$.at', 'is a Date', 'Convert it with toISOString() or getTime()'],
    ['a Map', { a: new Map([[1, 2]]) }, '$.a', 'is a Map', 'Convert it with Object.fromEntries(map) or [...map]'],
    ['a Set', { a: new Set([1]) }, '$.a', 'is a Set', 'Convert it with [...set]'],
    ['a Promise', { a: Promise.resolve(1) }, '$.a', 'is a Promise', 'Await it'],
    ['an Error', { a: new Error('x') }, '$.a', 'is an Error', 'Store its message, or throw it'],
    ['a boxed string', { a: Object('x') }, '$.a', 'is a boxed primitive', 'Convert it with valueOf()'],
    [
      'a Buffer',
      { a: Buffer.from('x') },
      '$.a',
      'is binary data',
      "Convert it with Buffer.from(value).toString('base64')",
    ],
    [
      'an ArrayBuffer',
      new ArrayBuffer(1),
      '$',
      'is binary data',
      "Convert it with Buffer.from(value).toString('base64')",
    ],
    [
      'a class instance',
      { a: new Money(5) },
      '$.a',
      'is an instance of Money',
      'Convert it to plain data, for example with { ...value }',
    ],
    [
      'a regular expression',
      { a: /x/ },
      '$.a',
      'is an instance of RegExp',
      'Convert it to plain data, for example with { ...value }',
    ],
    [
      'an array subclass',
      { a: new Lines(1, 2) },
      '$.a',
      'is an instance of Lines',
      'Convert it to plain data, for example with Array.from(value)',
    ],
    [
      'inherited properties',
      { a: bare({ b: 1 }) },
      '$.a',
      'has a prototype of its own',
      'Convert it to plain data, for example with { ...value }',
    ],
    [
      'a bare prototype',
      Object.create(Object.create(null)),
      '$',
      'has a prototype of its own',
      'Convert it to plain data, for example with { ...value }',
    ],
    [
      'a symbol key',
      { a: { [Symbol('tag')]: 1 } },
      '$.a',
      'has the key Symbol(tag), which JSON drops',
      'Convert it to plain data, for example with a literal',
    ],
    [
      'a symbol key of an array',
      Object.assign([1], { [Symbol('tag')]: 1 }),
      '$',
      'has the key Symbol(tag), which JSON drops',
      'Convert it to plain data, for example with a literal',
    ],
    [
      'a hidden property',
      hidden,
      '$',
      'has the property "secret" beside its data, which JSON drops',
      'Convert it to plain data, for example with a literal',
    ],
    [
      'a property of an array',
      { a: named },
      '$.a',
      'has the property "total" beside its data, which JSON drops',
      'Convert it to plain data, for example with a literal',
    ],
    [
      'the match of an expression',
      'ab'.match(/b/),
      '$',
      'has the property "index" beside its data, which JSON drops',
      'Convert it to plain data, for example with a literal',
    ],
    [
      '__proto__',
      JSON.parse('{"a":{"__proto__":{"admin":true}}}'),
      '$.a.__proto__',
      'is named __proto__, which would change the prototype of a copy',
      'Rename the property',
    ],
    [
      'NUL in a string',
      { a: 'x\u0000y' },
      '$.a',
      'contains the character \\u0000, which PostgreSQL refuses',
      'Remove it',
    ],
    [
      'NUL in a key',
      { 'a\u0000': 1 },
      '$["a\\u0000"]',
      'has a name with the character \\u0000, which PostgreSQL refuses',
      'Remove it',
    ],
    [
      'half of an emoji',
      ['🚚'.slice(0, 1)],
      '$[0]',
      'contains half of a surrogate pair, which is no character',
      'Cut text between characters',
    ],
    [
      'half of an emoji in a key',
      { ['🚚'.slice(1)]: 1 },
      '$["\\ude9a"]',
      'has a name with half of a surrogate pair, which is no character',
      'Cut text between characters',
    ],
    [
      'a deep array',
      nested(10_000, (inner) => [inner]),
      `$${'[0]'.repeat(33)}[…${'[0]'.repeat(33)}]`,
      'is nested deeper than 500 levels',
      'Flatten the data, or store it as a string of its own',
    ],
  ])('%s', (_title, value, path, reason, fix) => {
    const error = refusal(value);
    expect(error).toMatchObject({ where, reason, fix });
    expect(error.path.length).toBeLessThanOrEqual(201);
    if (!path.includes('…')) expect(error.message).toBe(`Cannot store the ${where}: ${path} ${reason}. ${fix}.`);
  });

  it('10,000 levels of anything without overflowing the stack', () => {
    for (const wrap of [
      (inner: unknown) => ({ inner }),
      (inner: unknown) => [inner],
      (inner: unknown) => [{ inner }],
    ]) {
      expect(refusal(nested(10_000, wrap)).reason).toBe('is nested deeper than 500 levels');
    }
  });

  it('a key of 10 kB with a message of one line', () => {
    const error = refusal({ ['k'.repeat(10_000)]: { ['x'.repeat(10_000)]: 5n } });
    expect(error.message.length).toBeLessThan(400);
    expect(error.path).toBe(`$["${'k'.repeat(40)}…"]["${'x'.repeat(40)}…"]`);
  });
});

describe('serializePayload and cycles', () => {
  const fix = 'Store an id instead of the object itself';

  it('names both ends of a cycle', () => {
    const order: Record<string, unknown> = { id: 1, lines: [] };
    (order.lines as unknown[]).push({ order });
    expect(refusal({ order })).toMatchObject({ path: '$.order.lines[0].order', reason: 'refers back to $.order', fix });
  });

  it('finds an array that contains itself', () => {
    const list: unknown[] = [];
    list.push(list);
    expect(refusal(list)).toMatchObject({ path: '$[0]', reason: 'refers back to $', fix });
  });

  it('says cycle, not size, when the size is a consequence of it', () => {
    const run: Record<string, unknown> = { text: 'x'.repeat(10_000) };
    run.self = run;
    expect(refusal(run, 50_000)).toMatchObject({ path: '$.self', reason: 'refers back to $', fix });
  });

  it('refuses data that doubles at each level, without writing it out', () => {
    const value = nested(60, (inner) => [inner, inner], 'x');
    expect(refusal(value)).toBeInstanceOf(PayloadTooLargeError);
  });
});

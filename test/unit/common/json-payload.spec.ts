/**
 * What `serializePayload` writes, its sizes, code in data, and the properties that hold for all values. Which words it
 * refuses with: json-payload-refusals.spec.ts.
 */
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { serializePayload } from '../../../lib/common/json-payload.js';
import { InvalidPayloadError, PayloadTooLargeError } from '../../../lib/errors/index.js';
import { LIMIT, nested, refusal, where, write } from './payload-fixtures.js';

describe('serializePayload', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'null'],
    ['null', null, 'null'],
    ['a boolean', true, 'true'],
    ['a number', 12.5, '12.5'],
    ['minus zero as zero', -0, '0'],
    ['large and small numbers', [1e21, 5e-324, Number.MAX_VALUE], '[1e+21,5e-324,1.7976931348623157e+308]'],
    ['a string', 'abc', '"abc"'],
    ['an empty string', '', '""'],
    ['quotes, backslashes and control characters', 'a"b\\c\n\t\u0001', '"a\\"b\\\\c\\n\\t\\u0001"'],
    ['a text that looks like an escape', '\\u0000', '"\\\\u0000"'],
    ['emoji and line separators', '🚚\u2028é', '"🚚\u2028é"'],
    ['an empty object and array', { a: {}, b: [] }, '{"a":{},"b":[]}'],
    ['an object', { id: 'o-1', lines: [{ qty: 2 }] }, '{"id":"o-1","lines":[{"qty":2}]}'],
    ['keys of every form', { '': 1, 'a"b': 2, 'x.y': 3, 7: 4 }, '{"7":4,"":1,"a\\"b":2,"x.y":3}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [
      'keys that Object.prototype has',
      { constructor: 1, toString: 2, hasOwnProperty: 3 },
      '{"constructor":1,"toString":2,"hasOwnProperty":3}',
    ],
    ['data of another realm', runInNewContext('({ a: [1, { b: null }] })'), '{"a":[1,{"b":null}]}'],
    ['a frozen object', Object.freeze({ a: Object.freeze([1]) }), '{"a":[1]}'],
  ])('writes %s', (_title, value, text) => {
    expect(write(value)).toBe(text);
  });

  it('writes an object that stands in two places twice', () => {
    const address = { city: 'Bern' };
    expect(write({ from: address, to: address })).toBe('{"from":{"city":"Bern"},"to":{"city":"Bern"}}');
  });

  it('writes 500 levels and refuses 501', () => {
    expect(write(nested(500, (inner) => [inner]))).toBe(`${'['.repeat(500)}1${']'.repeat(500)}`);
    expect(refusal(nested(501, (inner) => [inner])).reason).toBe('is nested deeper than 500 levels');
  });
});

describe('serializePayload and code in data', () => {
  it('reads each getter once', () => {
    let reads = 0;
    const value = {
      get price() {
        return ++reads;
      },
    };
    expect(write({ a: value, b: 2 })).toBe('{"a":{"price":1},"b":2}');
    expect(reads).toBe(1);
  });

  it('names the getter that throws, and keeps why', () => {
    const cause = new Error('not loaded');
    const lazy = {
      get owner(): never {
        throw cause;
      },
    };
    const error = refusal({ list: [lazy] });
    expect(error.cause).toBe(cause);
    expect(error.message).toBe(
      `Cannot store the ${where}: $.list[0].owner throws when it is read. ` +
        'Pass plain data instead of an object that computes its properties.',
    );
  });

  it('does not take an error of another payload for its own', () => {
    const value = {
      get inner() {
        return serializePayload(5n, { where: 'other', limit: 10 });
      },
    };
    expect(refusal(value)).toMatchObject({ where, path: '$.inner', cause: { where: 'other' } });
  });

  it.each(['get', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'])(
    'survives a proxy whose %s throws',
    (trap) => {
      const handler = {
        [trap]: () => {
          throw new Error('trap');
        },
      };
      expect(refusal({ a: new Proxy({ b: 1 }, handler) }).reason).toBe('throws when it is read');
    },
  );

  it('survives a revoked proxy', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal({ a: proxy })).toMatchObject({ path: '$.a', reason: 'throws when it is read' });
  });

  it('writes what it checked when a proxy answers differently each time', () => {
    const answers: unknown[] = [1, 5n];
    const fickle = new Proxy({ a: 0 }, { get: () => answers.shift() });
    expect(write(fickle)).toBe('{"a":1}');
  });

  it('never calls toJSON', () => {
    class Entity {
      toJSON(): unknown {
        throw new Error('called');
      }
    }
    expect(refusal(new Entity()).reason).toBe('is an instance of Entity');
  });
});

describe('serializePayload and sizes', () => {
  it.each([
    ['letters', 'x'.repeat(98), 100],
    ['characters of two bytes', 'é'.repeat(49), 100],
    ['characters of three bytes', '漢'.repeat(32) + 'xx', 100],
    ['characters of four bytes', '🚚'.repeat(24) + 'xx', 100],
    ['escapes', '\n'.repeat(49), 100],
    ['an object', { ab: 'x'.repeat(91) }, 100],
    ['an array', [1, 2, 3], 7],
  ])('counts bytes of %s', (_title, value, bytes) => {
    expect(Buffer.byteLength(write(value, bytes))).toBe(bytes);
    expect(refusal(value, bytes - 1)).toBeInstanceOf(PayloadTooLargeError);
  });

  it('says how large the value is and what is allowed', () => {
    const error = refusal({ text: 'é'.repeat(60) }, 100);
    expect(error).toMatchObject({ where, path: '$', bytes: 131, limit: 100 });
    expect(error.message).toBe(
      `Cannot store the ${where}: $ takes 131 bytes as JSON, more than the limit of 100. ` +
        'Keep large data in a store of its own and pass a reference to it, or raise the option payloadLimit.',
    );
  });

  it('stops at the limit instead of writing 2 MiB out', () => {
    const error = refusal({ text: 'x'.repeat(2 * LIMIT) });
    expect(error).toBeInstanceOf(PayloadTooLargeError);
    expect(error.reason).toBe(`takes at least ${2 * LIMIT + 11} bytes as JSON, more than the limit of ${LIMIT}`);
  });

  it('refuses an array that says it is endless', () => {
    const endless = new Proxy([], { get: (_target, key) => (key === 'length' ? 4_294_967_295 : 1) });
    expect(refusal(endless)).toBeInstanceOf(PayloadTooLargeError);
  });
});

describe('serializePayload, for all values', () => {
  /** Stricter than `toEqual`: knows no undefined properties, holes or prototypes that may be ignored. */
  function unchanged(original: unknown, copy: unknown): boolean {
    if (typeof original !== 'object' || original === null) return original === copy;
    if (typeof copy !== 'object' || copy === null || Array.isArray(original) !== Array.isArray(copy)) return false;
    const keys = Reflect.ownKeys(original);
    return (
      keys.length === Reflect.ownKeys(copy).length &&
      keys.every((key) => Object.hasOwn(copy, key) && unchanged(Reflect.get(original, key), Reflect.get(copy, key)))
    );
  }

  const containsRefusedText = (value: unknown): boolean =>
    /\\u0000|\\ud[89a-f]|"__proto__"/.test(JSON.stringify(value));

  it('writes JSON data exactly as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }), (value) => {
        if (containsRefusedText(value)) return;
        expect(write(value)).toBe(JSON.stringify(value));
        expect(unchanged(value, JSON.parse(write(value)))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('accepts only what comes back unchanged, and throws only its own error', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      maxDepth: 4,
    });
    let accepted = 0;
    fc.assert(
      fc.property(anything, (value) => {
        try {
          const text = write(value);
          accepted++;
          expect(value === undefined || unchanged(value, JSON.parse(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPayloadError);
        }
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('takes any string, or says that it is no text', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 });
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        const sound = !text.includes('\u0000') && !/\p{Surrogate}/u.test(text);
        if (sound) expect(JSON.parse(write({ [text]: text }))).toEqual({ [text]: text });
        else expect(refusal(text)).toBeInstanceOf(InvalidPayloadError);
      }),
      { numRuns: 1000 },
    );
  });
});

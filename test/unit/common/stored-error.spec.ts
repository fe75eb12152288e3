/** How anything thrown becomes a stored error and an `Error` again. When attempts fail: the engine's tests. */
import fc from 'fast-check';
import { fromStoredError, toStoredError } from '../../../lib/common/stored-error.js';
import { StepTimeoutError } from '../../../lib/errors/index.js';

const trap = (): never => {
  throw new Error('trap');
};

function depthOf(error: { cause?: unknown } | undefined): number {
  return error === undefined ? 0 : 1 + depthOf(error.cause as { cause?: unknown } | undefined);
}

describe('toStoredError', () => {
  it('keeps name, message, code and stack', () => {
    const error = Object.assign(new TypeError('no card'), { code: 'E_CARD' });
    expect(toStoredError(error)).toEqual({ name: 'TypeError', message: 'no card', code: 'E_CARD', stack: error.stack });
  });

  it('keeps the step that failed', () => {
    expect(toStoredError(new Error('x'), 'undo:charge')).toMatchObject({ message: 'x', step: 'undo:charge' });
  });

  it('keeps the code of the errors of this package', () => {
    expect(toStoredError(new StepTimeoutError('charge', 5))).toMatchObject({
      name: 'StepTimeoutError',
      code: 'DURABLE_STEP_TIMEOUT',
    });
  });

  it.each<[string, unknown, string, string]>([
    ['a string', 'no stock', 'Error', 'no stock'],
    ['an empty string', '', 'Error', ''],
    ['null', null, 'Error', 'null was thrown instead of an Error'],
    ['undefined', undefined, 'Error', 'undefined was thrown instead of an Error'],
    ['a number', 42, 'Error', '42 was thrown instead of an Error'],
    ['a BigInt', 42n, 'Error', '42n was thrown instead of an Error'],
    ['a symbol', Symbol('x'), 'Error', 'Symbol(x) was thrown instead of an Error'],
    ['a plain object', { reason: 'x' }, 'Error', "{ reason: 'x' } was thrown instead of an Error"],
    ['something like an error', { name: 'Odd', message: 'like' }, 'Odd', 'like'],
    ['an error without a message', new Error(), 'Error', ''],
    [
      'an error whose message is no text',
      Object.assign(new Error(), { message: 5 }),
      'Error',
      expect.stringContaining('was thrown instead of an Error') as string,
    ],
  ])('names what was thrown when it is %s', (_title, thrown, name, message) => {
    expect(toStoredError(thrown)).toMatchObject({ name, message });
  });

  it('stores numeric codes as text and ignores other ones', () => {
    expect(toStoredError(Object.assign(new Error('x'), { code: 404 })).code).toBe('404');
    expect(toStoredError(Object.assign(new Error('x'), { code: { a: 1 } })).code).toBeUndefined();
  });

  it('does not change a frozen error', () => {
    const error = Object.freeze(new Error('frozen'));
    expect(toStoredError(error, 'charge')).toMatchObject({ message: 'frozen', step: 'charge' });
    expect(Object.keys(error)).toEqual([]);
  });

  it('follows causes, five at most', () => {
    let error = new Error('root');
    for (let level = 0; level < 20; level++) error = new Error(`level ${level}`, { cause: error });
    expect(depthOf(toStoredError(error))).toBe(6);
  });

  it('stops where causes form a cycle', () => {
    const first = new Error('first');
    const second = new Error('second', { cause: first });
    first.cause = second;
    const stored = toStoredError(first);
    expect(stored.cause).toMatchObject({ message: 'second' });
    expect(stored.cause?.cause).toBeUndefined();
  });

  it('keeps a cause that is no error', () => {
    expect(toStoredError(new Error('x', { cause: 'disk full' })).cause).toEqual({
      name: 'Error',
      message: 'disk full',
    });
  });

  it('takes the first part of an AggregateError as its cause, and their messages where it has none', () => {
    const parts = [new Error('connect ECONNREFUSED ::1:5432'), new Error('connect ECONNREFUSED 127.0.0.1:5432')];
    const stored = toStoredError(new AggregateError(parts));
    expect(stored).toMatchObject({
      name: 'AggregateError',
      message: 'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
      cause: { message: 'connect ECONNREFUSED ::1:5432' },
    });
  });

  it('caps a message at 8 KiB and a stack of 5 MB at 16 KiB, also in characters of three bytes', () => {
    const error = new Error('漢'.repeat(100_000));
    error.stack = '漢'.repeat(2_000_000);
    const { message, stack = '' } = toStoredError(error);
    expect(message).toMatch(/^漢+… \(cut\)$/);
    expect(stack).toMatch(/^漢+… \(cut\)$/);
    expect(Buffer.byteLength(message)).toBeGreaterThan(8 * 1024 - 8);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(8 * 1024);
    expect(Buffer.byteLength(stack)).toBeLessThanOrEqual(16 * 1024);
  });

  it('caps a thrown string like a message', () => {
    expect(Buffer.byteLength(toStoredError('x'.repeat(1_000_000)).message)).toBeLessThanOrEqual(8 * 1024);
  });

  it('keeps a message of exactly 8 KiB whole', () => {
    expect(toStoredError(new Error('x'.repeat(8192))).message).toBe('x'.repeat(8192));
  });

  it('strips what PostgreSQL refuses, also in step names and codes', () => {
    const error = Object.assign(new Error('a\u0000b\ud83d'), { name: 'N\u0000', code: 'C\u0000' });
    expect(toStoredError(error, 'st\u0000ep')).toMatchObject({ name: 'N', message: 'ab', code: 'C', step: 'step' });
  });

  it.each<[string, unknown]>([
    ['getters that throw', withGetters('stack', 'cause', 'code', 'name')],
    ['a message that throws', Object.defineProperty(new Error('x'), 'message', { get: trap })],
    [
      'a proxy that throws at everything',
      new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap, getOwnPropertyDescriptor: trap }),
    ],
    ['a revoked proxy', revoked()],
    ['an inspector that throws', { [Symbol.for('nodejs.util.inspect.custom')]: trap }],
    ['errors that are no list', Object.assign(new Error(''), { errors: { length: 5 } })],
    ['errors that throw', Object.assign(new Error(''), { errors: new Proxy([1], { get: trap }) })],
    ['a class', class Thrown {}],
    ['a function', trap],
  ])('survives %s', (_title, thrown) => {
    const stored = toStoredError(thrown, 'charge');
    expect(typeof stored.name).toBe('string');
    expect(typeof stored.message).toBe('string');
    expect(() => JSON.stringify(stored)).not.toThrow();
  });

  it('makes plain, small JSON of anything', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (thrown) => {
        const stored = toStoredError(thrown);
        const text = JSON.stringify(stored);
        expect(JSON.parse(text)).toEqual(stored);
        expect(text).not.toMatch(/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/);
      }),
    );
  });
});

describe('fromStoredError', () => {
  it('makes an Error with everything that was stored', () => {
    const original = Object.assign(new TypeError('no card', { cause: new Error('expired') }), { code: 'E_CARD' });
    const error = fromStoredError(toStoredError(original, 'charge'));
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'TypeError', message: 'no card', code: 'E_CARD', step: 'charge' });
    expect(error.stack).toBe(original.stack);
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ message: 'expired' });
  });

  it('has a stack of one line when none was stored', () => {
    expect(fromStoredError({ name: 'Odd', message: 'x' }).stack).toBe('Odd: x');
  });

  it('is stored again as it was', () => {
    const stored = toStoredError(new Error('x', { cause: new Error('y') }));
    expect(toStoredError(fromStoredError(stored))).toEqual(stored);
  });
});

function withGetters(...keys: string[]): Error {
  const error = new Error('x');
  for (const key of keys) Object.defineProperty(error, key, { get: trap });
  return error;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

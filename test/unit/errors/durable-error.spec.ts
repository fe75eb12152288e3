/** How errors are recognised, also across two copies of the package. Their texts: errors.spec.ts. */
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import {
  DurableError,
  InvalidOptionError,
  InvalidPayloadError,
  NonRetryableError,
  PayloadTooLargeError,
  RunNotFoundError,
} from '../../../lib/errors/index.js';

class CardDeclined extends NonRetryableError {}

function otherCopy(): Promise<typeof import('../../../lib/errors/index.js')> {
  jest.resetModules();
  return import('../../../lib/errors/index.js');
}

const HOSTILE: [string, unknown][] = [
  ['null', null],
  ['a string', 'DURABLE_RUN_NOT_FOUND'],
  ['an ordinary error', new Error('x')],
  ['an object with the same code', { code: RunNotFoundError.code, name: 'RunNotFoundError' }],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
        getPrototypeOf: () => {
          throw new Error('trap');
        },
      },
    ),
  ],
];

describe('DurableError', () => {
  it('is recognised by its class and by the base', () => {
    const error = new RunNotFoundError('x');
    expect(error instanceof RunNotFoundError).toBe(true);
    expect(error instanceof DurableError).toBe(true);
    expect(error instanceof Error).toBe(true);
    expect(error instanceof NonRetryableError).toBe(false);
  });

  it('is recognised by the classes of another copy of the package', async () => {
    const other = await otherCopy();
    expect(other.RunNotFoundError).not.toBe(RunNotFoundError);
    const error: unknown = new other.RunNotFoundError('x');
    expect(error instanceof RunNotFoundError).toBe(true);
    expect(error instanceof DurableError).toBe(true);
    expect(error instanceof NonRetryableError).toBe(false);
    expect(error instanceof CardDeclined).toBe(false);
  });

  it('is recognised by the parent class of another copy', async () => {
    const other = await otherCopy();
    const error: unknown = new other.PayloadTooLargeError('x', 2, 1);
    expect(error instanceof InvalidPayloadError).toBe(true);
    expect(error instanceof PayloadTooLargeError).toBe(true);
    expect((new other.InvalidPayloadError('x', '$', 'is', 'fix') as unknown) instanceof PayloadTooLargeError).toBe(
      false,
    );
  });

  it('lets users derive classes that are told apart', () => {
    const declined = new CardDeclined('no');
    expect(declined.name).toBe('CardDeclined');
    expect(declined.code).toBe('DURABLE_NON_RETRYABLE');
    expect(declined instanceof NonRetryableError).toBe(true);
    expect(declined instanceof CardDeclined).toBe(true);
    expect((new NonRetryableError('no') as unknown) instanceof CardDeclined).toBe(false);
  });

  it.each(HOSTILE)('is not %s, and asking never throws', (_title, value) => {
    expect(value instanceof DurableError).toBe(false);
    expect(value instanceof RunNotFoundError).toBe(false);
  });

  it('narrows to the class in an instanceof', () => {
    const error: unknown = new RunNotFoundError('abc');
    expect(error instanceof RunNotFoundError ? error.runId : '').toBe('abc');
  });

  it('prints its name, code and fields once', () => {
    const printed = inspect(new RunNotFoundError('abc'));
    expect(printed).toMatch(/^RunNotFoundError: There is no run "abc"/);
    expect(printed).toContain("code: 'DURABLE_RUN_NOT_FOUND'");
    expect(printed).not.toContain('name:');
  });

  it('has no cause unless it was given one', () => {
    expect(Object.hasOwn(new RunNotFoundError('x'), 'cause')).toBe(false);
    expect(new DurableError('X', 'x', { cause: null }).cause).toBeNull();
  });
});

describe('values in messages', () => {
  const shown = (value: unknown): string => new InvalidOptionError('x', value, 'y').value;

  it.each<[unknown, string]>([
    ['abc', '"abc"'],
    ['two\nlines', '"two\\nlines"'],
    [12.5, '12.5'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [10n, '10n'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [Symbol('secret'), 'a symbol'],
    [() => 'secret', 'a function'],
    [['secret'], 'an array'],
    [{ password: 'secret' }, 'an object'],
    [new Date(0), 'a Date'],
    ['x'.repeat(100), `"${'x'.repeat(80)}…"`],
  ])('shows %p as %s', (value, expected) => {
    expect(shown(value)).toBe(expected);
  });

  it.each([
    'postgres://app:hunter2@db.internal/orders',
    'postgres://app:p@hunter2@db.internal/orders',
    'host=db password=hunter2 user=app',
    'apiKey: hunter2',
    'token=hunter2;x=1',
  ])('shows no credentials of %s', (value) => {
    expect(shown(value)).not.toContain('hunter2');
    expect(shown(value)).toContain('***');
  });
});

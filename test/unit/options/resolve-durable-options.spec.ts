/** Defaults, bounds and refusals of the module's options. How the module gets them: the module's integration tests. */
import { hostname } from 'node:os';
import { SystemClock } from '../../../lib/common/clock.js';
import { defaultBackoff } from '../../../lib/common/retry-policy.js';
import { resolveDurableOptions } from '../../../lib/durable-options.resolver.js';
import { InvalidOptionError } from '../../../lib/errors/index.js';

const resolve = (options?: unknown, environment = {}): ReturnType<typeof resolveDurableOptions> =>
  resolveDurableOptions(options as Parameters<typeof resolveDurableOptions>[0], environment);

describe('resolveDurableOptions', () => {
  it('has a default for everything', () => {
    expect(resolve()).toEqual({
      dataSource: undefined,
      schema: 'durable',
      queue: 'durable',
      worker: {
        concurrency: 100,
        pollIntervalMs: 1000,
        leaseDurationMs: 15_000,
        shutdownTimeoutMs: 20_000,
        name: `${hostname()}:${process.pid}`,
      },
      jobTimeoutMs: 600_000,
      maxDeliveries: 5,
      retry: { maxAttempts: 3, backoff: defaultBackoff },
      payloadLimit: 1_048_576,
      migrate: true,
      allowUnsafeDurability: false,
      tracing: true,
      clock: expect.any(SystemClock),
    });
  });

  it('takes undefined for not given, everywhere', () => {
    const options = {
      dataSource: undefined,
      schema: undefined,
      queue: undefined,
      worker: { concurrency: undefined, pollInterval: undefined, leaseDuration: undefined, id: undefined },
      jobTimeout: undefined,
      maxAttempts: undefined,
      retry: { maxAttempts: undefined, backoff: undefined },
      payloadLimit: undefined,
      migrate: undefined,
      allowUnsafeDurability: undefined,
      clock: undefined,
    };
    expect(resolve(options)).toEqual(resolve());
  });

  it('takes what it is given', () => {
    const clock = new SystemClock();
    const backoff = (): number => 1;
    const given = {
      dataSource: 'orders',
      schema: 'Durable "x"',
      queue: 'mail',
      worker: { concurrency: 1, pollInterval: 250, leaseDuration: '5s', shutdownTimeout: 0, id: 'blue' },
      jobTimeout: '30m',
      maxAttempts: 1,
      retry: { maxAttempts: 10, backoff },
      payloadLimit: 64,
      migrate: false,
      allowUnsafeDurability: true,
      tracing: false,
      clock,
    };
    const resolved = resolve(given);
    expect(resolved).toEqual({
      dataSource: 'orders',
      schema: 'Durable "x"',
      queue: 'mail',
      worker: { concurrency: 1, pollIntervalMs: 250, leaseDurationMs: 5000, shutdownTimeoutMs: 0, name: 'blue' },
      jobTimeoutMs: 1_800_000,
      maxDeliveries: 1,
      retry: { maxAttempts: 10, backoff },
      payloadLimit: 64,
      migrate: false,
      allowUnsafeDurability: true,
      tracing: false,
      clock,
    });
    expect(resolved.clock).toBe(clock);
  });

  it('keeps a process without a worker without one', () => {
    expect(resolve({ worker: false }).worker).toBe(false);
  });

  it.each([
    [undefined, true],
    ['development', true],
    ['test', true],
    ['production', false],
  ])('with NODE_ENV=%s, migrates by default: %p', (environment, migrate) => {
    expect(resolve({}, { NODE_ENV: environment }).migrate).toBe(migrate);
    expect(resolve({ migrate: !migrate }, { NODE_ENV: environment }).migrate).toBe(!migrate);
  });

  it('polls within a lease that is as short as its default', () => {
    expect(resolve({ worker: { leaseDuration: '1s' } }).worker).toMatchObject({ pollIntervalMs: 500 });
  });

  it('cannot be changed afterwards', () => {
    const resolved = resolve();
    expect([resolved, resolved.worker, resolved.retry].every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe('resolveDurableOptions refuses', () => {
  const LENGTH = 'a number of milliseconds, or a string such as "500ms", "30s", "1h30m" or "7d"';

  it.each<[options: unknown, option: string, message: string]>([
    [null, 'of DurableModule', 'Invalid option of DurableModule: got null, expected an object.'],
    ['durable', 'of DurableModule', 'Invalid option of DurableModule: got "durable", expected an object.'],
    [[], 'of DurableModule', 'Invalid option of DurableModule: got an array, expected an object.'],
    [
      { dataSource: { password: 'hunter2' } },
      'dataSource',
      'Invalid option dataSource: got an object, expected a name that can be used (it must be a string).',
    ],
    [
      { dataSource: 'postgres://app:hunter2@db/orders' },
      'dataSource',
      'Invalid option dataSource: got an address, expected the name of a DataSource of the application; ' +
        'its address belongs into TypeOrmModule.',
    ],
    [
      { schema: 'pg_durable' },
      'schema',
      'Invalid option schema: got "pg_durable", expected a name that can be used ' +
        '(PostgreSQL keeps it for itself; choose another name).',
    ],
    [
      { schema: 'a\nb' },
      'schema',
      'Invalid option schema: got "a\\nb", expected a name that can be used ' +
        '(it must not contain control characters or line breaks).',
    ],
    [{ queue: '' }, 'queue', 'Invalid option queue: got "", expected a name that can be used (it must not be empty).'],
    [{ worker: true }, 'worker', 'Invalid option worker: got true, expected false or an object.'],
    [{ worker: null }, 'worker', 'Invalid option worker: got null, expected false or an object.'],
    ...[0, -1, 1.5, NaN, Infinity, 10_001].map((concurrency): [unknown, string, string] => [
      { worker: { concurrency } },
      'worker.concurrency',
      `Invalid option worker.concurrency: got ${concurrency}, expected an integer from 1 to 10000.`,
    ]),
    [
      { worker: { concurrency: '200' } },
      'worker.concurrency',
      'Invalid option worker.concurrency: got "200", expected an integer from 1 to 10000.',
    ],
    [
      { worker: { pollInterval: 0 } },
      'worker.pollInterval',
      'Invalid option worker.pollInterval: got 0, expected a duration from 10 ms to 3600000 ms.',
    ],
    [
      { worker: { pollInterval: '20s' } },
      'worker.pollInterval',
      'Invalid option worker.pollInterval: got "20s", expected less than worker.leaseDuration (15000 ms).',
    ],
    [
      { worker: { pollInterval: '5s', leaseDuration: '5s' } },
      'worker.pollInterval',
      'Invalid option worker.pollInterval: got "5s", expected less than worker.leaseDuration (5000 ms).',
    ],
    [
      { worker: { leaseDuration: '500ms' } },
      'worker.leaseDuration',
      'Invalid option worker.leaseDuration: got "500ms", expected a duration from 1000 ms to 3600000 ms.',
    ],
    [
      { worker: { leaseDuration: 'long' } },
      'worker.leaseDuration',
      `Invalid option worker.leaseDuration: got "long", expected ${LENGTH}.`,
    ],
    [
      { worker: { shutdownTimeout: -1 } },
      'worker.shutdownTimeout',
      'Invalid option worker.shutdownTimeout: got -1, expected 0 or more milliseconds.',
    ],
    [
      { worker: { shutdownTimeout: '2d' } },
      'worker.shutdownTimeout',
      'Invalid option worker.shutdownTimeout: got "2d", expected a duration from 0 ms to 86400000 ms.',
    ],
    [
      { worker: { id: 5 } },
      'worker.id',
      'Invalid option worker.id: got 5, expected a name that can be used (it must be a string).',
    ],
    [{ jobTimeout: 0 }, 'jobTimeout', 'Invalid option jobTimeout: got 0, expected a duration of at least 1 ms.'],
    [{ jobTimeout: new Date(0) }, 'jobTimeout', `Invalid option jobTimeout: got a Date, expected ${LENGTH}.`],
    [{ maxAttempts: 0 }, 'maxAttempts', 'Invalid option maxAttempts: got 0, expected an integer from 1 to 1000.'],
    [{ retry: 3 }, 'retry', 'Invalid option retry: got 3, expected an object.'],
    [
      { retry: { maxAttempts: Infinity } },
      'retry.maxAttempts',
      'Invalid option retry.maxAttempts: got Infinity, expected an integer from 1 to 10000.',
    ],
    [
      { retry: { backoff: 5 } },
      'retry.backoff',
      'Invalid option retry.backoff: got 5, expected a function from the failed attempt (1-based) to seconds.',
    ],
    [
      { payloadLimit: '1mb' },
      'payloadLimit',
      'Invalid option payloadLimit: got "1mb", expected an integer from 64 to 67108864.',
    ],
    [{ migrate: 'yes' }, 'migrate', 'Invalid option migrate: got "yes", expected true or false.'],
    [{ migrate: null }, 'migrate', 'Invalid option migrate: got null, expected true or false.'],
    [
      { clock: { fixed: () => null } },
      'clock',
      'Invalid option clock: got an object, expected a Clock with the methods fixed, monotonic, after and every.',
    ],
  ])('%j', (options, option, message) => {
    expect(() => resolve(options)).toThrow(InvalidOptionError);
    expect(() => resolve(options)).toThrow(expect.objectContaining({ option, message }));
  });
});

describe('resolveDurableOptions and options that do not exist', () => {
  it.each([
    [
      { concurency: 5 },
      'Unknown option concurency. Did you mean worker.concurrency? The options here are: dataSource, schema, queue, ' +
        'worker, jobTimeout, maxAttempts, retry, payloadLimit, migrate, allowUnsafeDurability, tracing, clock.',
    ],
    [
      { worker: { jobTimeout: 5 } },
      'Unknown option worker.jobTimeout. Did you mean jobTimeout? The options here are: worker.concurrency, ' +
        'worker.pollInterval, worker.leaseDuration, worker.shutdownTimeout, worker.id.',
    ],
    [
      { retry: { backof: () => 1 } },
      'Unknown option retry.backof. Did you mean retry.backoff? The options here are: retry.maxAttempts, retry.backoff.',
    ],
  ])('suggests what %j may mean', (options, message) => {
    expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'DURABLE_UNKNOWN_OPTION', message }));
  });

  it('does not show their values', () => {
    expect.assertions(2);
    try {
      resolve({ url: 'postgres://app:hunter2@db/orders', password: 'hunter2' });
    } catch (error) {
      expect((error as Error).message).toMatch(/^Unknown option url\. The options here are: dataSource, /);
      expect(JSON.stringify(error)).not.toContain('hunter2');
    }
  });
});

describe('the switches of the environment', () => {
  it('turn a worker and migrating off, whatever the options say', () => {
    const off = { NEST_DURABLE_WORKER: 'off', NEST_DURABLE_MIGRATE: 'off' };
    expect(resolve({ worker: { concurrency: 7 }, migrate: true }, off)).toMatchObject({
      worker: false,
      migrate: false,
    });
  });

  it('change nothing when they are empty', () => {
    const environment = { NEST_DURABLE_WORKER: '', NEST_DURABLE_MIGRATE: undefined };
    expect(resolve({ worker: { concurrency: 7 } }, environment)).toMatchObject({
      worker: { concurrency: 7 },
      migrate: true,
    });
  });

  it('refuse any other value, which would leave on what somebody wanted off', () => {
    expect(() => resolve({}, { NEST_DURABLE_WORKER: 'false' })).toThrow(
      'Invalid option NEST_DURABLE_WORKER: got "false", expected \'off\', or no value.',
    );
  });

  it('do not hide that an option cannot be', () => {
    expect(() => resolve({ worker: { concurrency: 0 } }, { NEST_DURABLE_WORKER: 'off' })).toThrow(InvalidOptionError);
  });
});

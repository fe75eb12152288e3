// Covers: what handlers may throw, return and leave behind, and that only their own run is concerned. Attempts: retries.spec.ts.
// A detached promise that rejects in a process of its own: detached-rejection.spec.ts. Undos that throw: compensation.spec.ts.
import { durable, RunFailedError, type DurableContext, type StepHandler } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';

const apps = new DurableApps();

class Money {
  constructor(readonly amount: number) {}
}

function cyclicError(): Error {
  const error = new Error('cyclic');
  (error as { cause?: unknown }).cause = error;
  (error as { self?: unknown }).self = error;
  return error;
}

const once = { maxAttempts: 1 };

describe('a handler that throws', () => {
  let handler: StepHandler;
  const shared = apps.forAll({
    workflows: [
      durable('odd').step('odd', (ctx) => handler(ctx), once),
      durable('sane').step('work', () => 'fine'),
      durable('both')
        .step(
          'sync',
          () => {
            throw new Error('sync');
          },
          { ...once },
        )
        .step('never', () => 1),
      durable('rejecting').step('async', () => Promise.reject(new Error('async')), once),
    ],
  });

  it.each<[string, () => unknown, object]>([
    ['a string', () => 'just text', { name: 'Error', message: 'just text' }],
    ['null', () => null, { name: 'Error', message: 'null was thrown instead of an Error' }],
    ['undefined', () => undefined, { name: 'Error', message: 'undefined was thrown instead of an Error' }],
    ['a frozen error', () => Object.freeze(new TypeError('frozen')), { name: 'TypeError', message: 'frozen' }],
    ['an error that is its own cause', cyclicError, { name: 'Error', message: 'cyclic' }],
    ['a promise', () => Promise.resolve(1), { name: 'Error' }],
    ['a function', () => () => 1, { name: 'Error' }],
    ['an empty object', () => ({}), { name: 'Error', message: '{} was thrown instead of an Error' }],
    ['an object with a code', () => ({ message: 'no', code: 42 }), { name: 'Error', message: 'no', code: '42' }],
    [
      'an error whose fields throw',
      () =>
        Object.defineProperties(new Error('hidden'), {
          message: { get: () => 'seen' },
          stack: {
            get: () => {
              throw new Error('stack');
            },
          },
          code: {
            get: () => {
              throw new Error('code');
            },
          },
        }),
      { name: 'Error', message: 'seen' },
    ],
    ['a text with \\u0000 and half a character', () => new Error('a\u0000b\ud800c'), { message: 'abc' }],
  ])('%s fails its run with an error that can be read', async (_, thrown, expected) => {
    const { runner } = shared;
    handler = () => {
      throw thrown();
    };

    const run = await runner.start('odd');

    await expect(run.result()).rejects.toBeInstanceOf(RunFailedError);
    const { status, error } = await run.snapshot();
    expect({ status, error }).toMatchObject({ status: 'failed', error: { step: 'odd', ...expected } });
    expect(await runner.startAndWait('sane')).toEqual({ work: 'fine' });
  });

  it('an error with a stack of 5 MB and a message of 1 MB is stored cut', async () => {
    const { runner } = shared;
    handler = () => {
      const error = new Error('m'.repeat(1_000_000));
      error.stack = 's'.repeat(5_000_000);
      throw error;
    };

    const run = await runner.start('odd');

    await expect(run.result()).rejects.toBeInstanceOf(RunFailedError);
    const { error } = await run.snapshot();
    expect(error!.message.length).toBeLessThanOrEqual(8 * 1024);
    expect(error!.stack!.length).toBeLessThanOrEqual(16 * 1024);
    expect(error!.message).toMatch(/^m+… \(cut\)$/);
  });

  it('synchronously and asynchronously does the same', async () => {
    const { runner } = shared;

    await expect(runner.startAndWait('both')).rejects.toThrow('failed at step "sync": Error: sync.');
    await expect(runner.startAndWait('rejecting')).rejects.toThrow('failed at step "async": Error: async.');
  });
});

describe('a handler that returns', () => {
  let make: () => unknown;
  let calls = 0;
  const seen: unknown[] = [];
  const shared = apps.forAll({
    workflows: [
      durable('odd')
        .step('before', () => 'kept')
        .step(
          'odd',
          () => {
            calls++;
            return make();
          },
          { maxAttempts: 5, backoff: () => 0 },
        )
        .step('after', () => 1),
      durable('plain')
        .step('give', () => make())
        .step('take', (ctx) => {
          seen.push(ctx.results.give);
        }),
      durable('awaits')
        .step('promise', () => Promise.resolve('a'))
        .step('thenable', () => ({ then: (resolve: (value: string) => void) => resolve('b') })),
      durable('bad').step(
        'then',
        () => ({
          then: () => {
            throw new Error('bad then');
          },
        }),
        once,
      ),
    ],
  });

  it.each<[string, () => unknown, string]>([
    ['a class instance', () => ({ price: new Money(3) }), '$.price is an instance of Money'],
    ['a Date', () => [1, new Date(0)], '$[1] is a Date'],
    ['a Map', () => new Map(), '$ is a Map'],
    ['a BigInt', () => ({ a: [{ b: 1n }] }), '$.a[0].b is a BigInt'],
    ['NaN', () => Number.NaN, '$ is NaN'],
    ['undefined in an object', () => ({ a: undefined }), '$.a is undefined'],
    [
      'a cycle',
      () => {
        const a: Record<string, unknown> = {};
        a.self = a;
        return a;
      },
      '$.self',
    ],
    ['\\u0000', () => ({ text: 'a\u0000' }), '$.text'],
    [
      'a getter that throws',
      () => ({
        get a() {
          throw new Error('no');
        },
      }),
      '$.a throws when it is read',
    ],
    ['2 MiB', () => 'x'.repeat(2 * 1024 * 1024), '$ takes'],
    ['an Error', () => new Error('returned'), '$ is an Error'],
  ])('%s fails that one step for good, without another attempt', async (_, value, told) => {
    const { runner } = shared;
    make = value;
    calls = 0;

    const run = await runner.start('odd');
    await expect(run.result()).rejects.toBeInstanceOf(RunFailedError);

    const snapshot = await run.snapshot();
    expect(snapshot).toMatchObject({ status: 'failed', results: { before: 'kept' }, error: { step: 'odd' } });
    expect(snapshot.error!.message).toContain(`Cannot store the result of "odd" of workflow "odd": ${told}`);
    expect(['InvalidPayloadError', 'PayloadTooLargeError']).toContain(snapshot.error!.name);
    expect(calls).toBe(1);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['false', false],
    ['0', 0],
    ['an empty text', ''],
    ['an empty array', []],
    ['a text of quotes, $1 and emoji', `'; drop table run; -- $1 "🦆"`],
    ['keys in their order', { b: 1, a: 2, '10': 3, constructor: 4, hasOwnProperty: 5 }],
    ['the largest number', Number.MAX_VALUE],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
  ])('%s is journaled as it is', async (_, value) => {
    const { runner } = shared;
    make = () => value;
    seen.length = 0;

    const results = await runner.startAndWait('plain');

    const expected = value === undefined ? null : JSON.parse(JSON.stringify(value));
    expect(results).toEqual({ give: expected, take: null });
    expect(seen).toEqual([expected]);
    expect(JSON.stringify(seen[0])).toBe(JSON.stringify(expected));
  });

  it('a promise is awaited, and so is anything that has a then', async () => {
    const { runner } = shared;

    expect(await runner.startAndWait('awaits')).toEqual({ promise: 'a', thenable: 'b' });
  });

  it('a then that throws fails the attempt', async () => {
    const { runner } = shared;

    await expect(runner.startAndWait('bad')).rejects.toThrow('bad then');
  });
});

describe('a handler that goes on after its attempt has ended', () => {
  it('settles late, after its timeout, and changes nothing', async () => {
    const gate = new Gate();
    let late: unknown;
    const plan = durable('late').step(
      'slow',
      async (ctx) => {
        await gate.pass();
        late = await ctx.heartbeat({ still: 'here' }).then(
          () => 'stored',
          (error: unknown) => (error as Error).name,
        );
        return 'too late';
      },
      { ...once, timeout: 20 },
    );
    const { runner } = await apps.boot({ workflows: [plan] });

    const run = await runner.start('late');
    await expect(run.result()).rejects.toThrow('StepTimeoutError');
    gate.open();
    await gate.reached;
    const snapshot = await run.snapshot({ journal: true });

    expect(snapshot.journal).toHaveLength(1);
    expect(late).toBe('StepTimeoutError');
    expect(await apps.count('progress')).toBe(0);
    expect(await apps.count('journal')).toBe(0);
  });

  it('rejects late, after its timeout, and nobody hears of it', async () => {
    const gate = new Gate();
    const plan = durable('late').step(
      'slow',
      async () => {
        await gate.pass();
        throw new Error('too late');
      },
      { ...once, timeout: 20 },
    );
    const { runner } = await apps.boot({ workflows: [plan, durable('sane').step('work', () => 1)] });

    const run = await runner.start('late');
    await expect(run.result()).rejects.toThrow('StepTimeoutError');
    gate.open();

    expect(await runner.startAndWait('sane')).toEqual({ work: 1 });
    expect((await run.snapshot()).error).toMatchObject({ name: 'StepTimeoutError' });
  });

  it('uses a context that is over: what it knows stays readable, its signal is aborted, heartbeat rejects', async () => {
    let kept!: DurableContext;
    const plan = durable('keeps').step('keep', (ctx) => {
      kept = ctx;
      return 'x';
    });
    const { runner } = await apps.boot({ workflows: [plan] });

    const run = await runner.start('keeps', { a: 1 });
    await run.result();

    expect(kept.input).toEqual({ a: 1 });
    expect(kept.runId).toBe(run.id);
    expect(kept.abortSignal.aborted).toBe(true);
    await expect(kept.heartbeat({ late: true })).rejects.toThrow('The attempt has ended.');
    expect(() => kept.manager).toThrow('has no transaction');
    expect(await apps.count('progress')).toBe(0);
  });
});

it('logs under the names of its workflow and step and the id of its run, also where it is undone', async () => {
  const lines: unknown[][] = [];
  const plan = durable('talks')
    .step('greet', (ctx) => ctx.logger.warn('hello'), { compensate: (ctx) => ctx.logger.warn('sorry') })
    .forEach('count', (n: number, ctx) => ctx.logger.warn(n), { items: () => [7] })
    .step('fail', () => Promise.reject(new Error('no')), once);
  const { runner } = await apps.boot({ workflows: [plan] });
  apps.log.warn = (what, context?: unknown) =>
    void (String(context).startsWith('talks') && lines.push([what, context]));

  const run = await runner.start('talks');
  await expect(run.result()).rejects.toThrow(RunFailedError);

  expect(lines).toEqual([
    ['hello', `talks greet ${run.id}`],
    [7, `talks count#0 ${run.id}`],
    ['sorry', `talks undo:greet ${run.id}`],
  ]);
});

describe('a handler that does not settle', () => {
  it('takes one slot, and the others go on', async () => {
    const gate = new Gate();
    const { runner } = await apps.boot({
      worker: { concurrency: 2 },
      workflows: [durable('stuck').step('wait', () => gate.pass()), durable('sane').step('work', () => 1)],
    });

    const stuck = await runner.start('stuck');
    await gate.reached;
    for (let i = 0; i < 5; i++) expect(await runner.startAndWait('sane')).toEqual({ work: 1 });
    gate.open();

    expect(await stuck.result()).toEqual({ wait: null });
  });
});

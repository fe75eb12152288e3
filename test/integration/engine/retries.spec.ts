// Covers: attempts of a step, their backoff, who decides that another follows, and that all of it outlives the process.
// Timeouts: timeouts.spec.ts. What handlers may throw and return: handlers.spec.ts. An operator's retry: retry-run.spec.ts.
import { durable, NonRetryableError, type DurableContext } from '../../../lib/index.js';
import { VirtualClock } from '../../../lib/testing/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

/** Fails until `attempts` have been made; remembers when each was made and as which. */
function flaky(
  attempts: number,
  clock?: VirtualClock,
): { handler: (ctx: DurableContext) => string; seen: number[]; at: string[]; keys: Set<string> } {
  const seen: number[] = [];
  const at: string[] = [];
  const keys = new Set<string>();
  const handler = (ctx: DurableContext): string => {
    seen.push(ctx.attempt);
    keys.add(ctx.idempotencyKey);
    if (clock) at.push(clock.now().toISOString().slice(11, 19));
    if (seen.length < attempts) throw new Error(`attempt ${seen.length} failed`);
    return `done in ${seen.length}`;
  };
  return { handler, seen, at, keys };
}

it('repeats a step that fails three times by default, 2 and 4 seconds apart, under one idempotency key', async () => {
  const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
  const { handler, seen, at, keys } = flaky(3, clock);
  const { runner, testing } = await apps.bootVirtual({ clock, workflows: [durable('call').step('api', handler)] });

  const run = await runner.start('call');
  await testing.advance('1m');

  expect(await run.snapshot()).toMatchObject({ status: 'completed', result: { api: 'done in 3' } });
  expect(seen).toEqual([1, 2, 3]);
  expect(at).toEqual(['00:00:00', '00:00:02', '00:00:06']);
  expect([...keys]).toEqual([`${run.id}:api`]);
});

it('waits in the database between two attempts: suspended, with the time of the next, and held by nobody', async () => {
  const { handler } = flaky(2);
  const { app, runner, testing } = await apps.bootVirtual({ workflows: [durable('call').step('api', handler)] });

  const run = await runner.start('call');
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({
    status: 'suspended',
    wakeAt: new Date('2030-01-01T00:00:02Z'),
    attempt: 2,
    workerId: null,
    error: null,
  });
  expect(app.engine.worker!.sessions.size).toBe(0);
});

it('goes on with the next attempt in another process, after the first one has gone', async () => {
  const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
  const { handler, seen } = flaky(3);
  const plan = () => durable('call').step('api', handler, { maxAttempts: 3, backoff: () => 3600 });
  const first = await apps.bootVirtual({ clock, workflows: [plan()] });
  const run = await first.runner.start('call');
  await first.testing.advance('1h');
  expect(seen).toEqual([1, 2]);
  await first.app.close();

  const second = await apps.bootVirtual({ clock, workflows: [plan()] });
  await second.testing.advance('59m');
  expect(seen).toEqual([1, 2]);
  await second.testing.advance('1m');

  expect(seen).toEqual([1, 2, 3]);
  expect(await second.runner.find(run.id)).toMatchObject({ status: 'completed', result: { api: 'done in 3' } });
});

it('gives up after the last attempt, and keeps every one of them in the journal', async () => {
  const { handler, seen } = flaky(99);
  const plan = durable('call').step('api', handler, { maxAttempts: 3, backoff: () => 1 });
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('call');
  await testing.advance('1h');

  expect(seen).toEqual([1, 2, 3]);
  const snapshot = await run.snapshot({ journal: true });
  expect(snapshot).toMatchObject({
    status: 'failed',
    attempt: 3,
    wakeAt: null,
    result: null,
    error: { name: 'Error', message: 'attempt 3 failed', step: 'api', stack: expect.stringContaining('attempt 3') },
  });
  expect(
    snapshot.journal.map(({ key, kind, status, attempt, error }) => [key, kind, status, attempt, error?.message]),
  ).toEqual([
    ['api', 'attempt', 'failed', 1, 'attempt 1 failed'],
    ['api', 'attempt', 'failed', 2, 'attempt 2 failed'],
    ['api', 'attempt', 'failed', 3, 'attempt 3 failed'],
  ]);
  await expect(run.result()).rejects.toThrow(
    `Run ${run.id} of workflow "call" failed at step "api": Error: attempt 3 failed. Once the cause is removed, runner.retry('${run.id}') goes on from there.`,
  );
});

it('uses the retry options of the module where the step declares none, one by one', async () => {
  const clock = new VirtualClock(new Date('2030-01-01T00:00:00Z'));
  const neither = flaky(99, clock);
  const both = flaky(99, clock);
  const onlyBackoff = flaky(99, clock);
  const { runner, testing } = await apps.bootVirtual({
    clock,
    retry: { maxAttempts: 2, backoff: (failed) => failed * 60 },
    workflows: [
      durable('neither').step('s', neither.handler),
      durable('both').step('s', both.handler, { maxAttempts: 4, backoff: () => 0 }),
      durable('onlyBackoff').step('s', onlyBackoff.handler, { backoff: () => 5 }),
    ],
  });

  for (const name of ['neither', 'both', 'onlyBackoff']) await runner.start(name);
  await testing.advance('1h');

  expect(neither.at).toEqual(['00:00:00', '00:01:00']);
  expect(both.at).toEqual(['00:00:00', '00:00:00', '00:00:00', '00:00:00']);
  expect(onlyBackoff.at).toEqual(['00:00:00', '00:00:05']);
});

it('asks retryIf with what was thrown and the attempt, and gives up when it says no', async () => {
  const asked: [string, number][] = [];
  const { handler, seen } = flaky(99);
  const plan = durable('call').step('api', handler, {
    maxAttempts: 10,
    backoff: () => 0,
    retryIf: (error, attempt) => {
      asked.push([(error as Error).message, attempt]);
      return attempt < 2;
    },
  });
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('call');
  await testing.drain();

  expect(seen).toEqual([1, 2]);
  expect(asked).toEqual([
    ['attempt 1 failed', 1],
    ['attempt 2 failed', 2],
  ]);
  expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'attempt 2 failed' } });
});

it('gives up at once on a NonRetryableError, also one that says nothing but the cause', async () => {
  let attempts = 0;
  const plan = durable('call').step('api', () => {
    attempts++;
    throw new NonRetryableError('card stolen', { cause: new TypeError('fraud') });
  });
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('call');
  await testing.advance('1h');

  expect(attempts).toBe(1);
  expect(await run.snapshot()).toMatchObject({
    status: 'failed',
    error: { name: 'NonRetryableError', message: 'card stolen', cause: { name: 'TypeError', message: 'fraud' } },
  });
});

it.each([
  [
    'throws',
    () => {
      throw new Error('broken policy');
    },
  ],
  ['returns NaN', () => Number.NaN],
  ['returns a negative number', () => -1],
  ['returns Infinity', () => Infinity],
  ['returns nothing', () => undefined as unknown as number],
])('fails the run of a step whose backoff %s, instead of leaving it stuck', async (_, backoff) => {
  const plan = durable('call').step(
    'api',
    () => {
      throw new Error('no');
    },
    { backoff },
  );
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('call');
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({
    status: 'failed',
    error: { name: 'InvalidOptionError', message: expect.stringContaining('backoff(1)'), step: 'api' },
  });
});

it('fails the run of a step whose retryIf throws, with what it threw', async () => {
  const plan = durable('call').step(
    'api',
    () => {
      throw new Error('no');
    },
    {
      retryIf: () => {
        throw new RangeError('broken predicate');
      },
    },
  );
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('call');
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({
    status: 'failed',
    error: { name: 'RangeError', message: 'broken predicate', step: 'api' },
  });
});

it('repeats a step without a backoff in the same process, without letting the run go', async () => {
  const { handler } = flaky(5);
  const plan = durable('call').step('api', handler, { maxAttempts: 5, backoff: () => 0 });
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('call');
  await testing.drain();

  expect(await run.snapshot()).toMatchObject({ status: 'completed', epoch: 1 });
});

it('counts the attempts of each step for itself, and journals the one that succeeded', async () => {
  const one = flaky(2);
  const two = flaky(3);
  const plan = durable('two')
    .step('one', one.handler, { backoff: () => 1 })
    .step('two', two.handler, { backoff: () => 1 });
  const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });

  const run = await runner.start('two');
  await testing.advance('1m');

  expect([one.seen, two.seen]).toEqual([
    [1, 2],
    [1, 2, 3],
  ]);
  const journal = await runner.journal(run.id);
  expect(journal.filter(({ status }) => status === 'completed').map(({ key, attempt }) => [key, attempt])).toEqual([
    ['one', 2],
    ['two', 3],
  ]);
});

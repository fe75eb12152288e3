// Covers: what the runner refuses, with a typed error and before anything is written. Orders to runs in the wrong state:
// cancel.spec.ts and retry-run.spec.ts of the engine. The rules for payloads and names themselves: test/unit/common.
import {
  durable,
  InvalidOptionError,
  RunNotFoundError,
  WorkflowNotRegisteredError,
  type DurableRunner,
} from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();
// What is refused leaves nothing behind, so one application is enough.
const shop = apps.forAll({ workflows: [durable('echo').step('say', (ctx) => ctx.input)] });
const nobody = '01900000-0000-7000-8000-000000000000';

function cycle(): object {
  const value: Record<string, unknown> = { a: {} };
  (value.a as Record<string, unknown>).back = value;
  return value;
}

it.each<[string, () => unknown, string]>([
  ['\\u0000', () => ({ lines: [{ text: 'a\u0000b' }] }), '$.lines[0].text'],
  ['a BigInt', () => ({ lines: [1, { price: 1n }] }), '$.lines[1].price'],
  ['a cycle', cycle, '$.a.back'],
  ['2 MiB', () => ({ text: 'x'.repeat(2 * 1024 * 1024) }), '$'],
  ['half a character', () => ['\ud800'], '$[0]'],
  ['a key of \\u0000', () => ({ 'a\u0000': 1 }), '$'],
  ['NaN', () => ({ a: Number.NaN }), '$.a'],
  ['a depth of 10,000', () => Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 1), '$'],
])('an input with %s is refused with its path, in every way to start', async (_, make, path) => {
  const { app, runner } = shop;
  const input = make();
  const refusal = { path: expect.stringContaining(path), where: expect.stringContaining('of workflow "echo"') };

  await expect(runner.start('echo', input)).rejects.toMatchObject(refusal);
  await expect(runner.startAndWait('echo', input)).rejects.toMatchObject(refusal);
  await expect(runner.startMany('echo', [1, input])).rejects.toMatchObject(refusal);
  await expect(app.dataSource.transaction((manager) => runner.start('echo', input, { manager }))).rejects.toMatchObject(
    refusal,
  );

  expect(await apps.count('run')).toBe(0);
});

it.each<[string, object]>([
  ['an empty key', { idempotencyKey: '' }],
  ['a key of 10 kB', { idempotencyKey: 'x'.repeat(10_240) }],
  ['a key with \\u0000', { idempotencyKey: 'a\u0000' }],
  ['a key that is a number', { idempotencyKey: 7 }],
  ['a queue with a line break', { queue: 'a\nb' }],
  ['a priority of 1.5', { priority: 1.5 }],
  ['a priority of 32768', { priority: 32_768 }],
  ['a negative delay', { delay: -1 }],
  ['a delay of NaN', { delay: Number.NaN }],
  ['a delay beyond the calendar', { delay: 1e18 }],
  ['a delay that is no duration', { delay: 'soon' }],
  ['an invalid date', { startAt: new Date(Number.NaN) }],
  ['both startAt and delay', { startAt: new Date(), delay: 1 }],
  ['a timeout that is no duration', { timeout: 'long' }],
])('%s is refused', async (_, options) => {
  const { runner } = shop;

  await expect(runner.start('echo', 1, options)).rejects.toMatchObject({
    code: expect.stringMatching(/^DURABLE_INVALID_/),
  });
  expect(await apps.count('run')).toBe(0);
});

it.each<[string, string, object | undefined]>([
  ['an unknown name', 'nothing', undefined],
  ['an unknown version', 'echo', { version: 9 }],
  ['a version of 1.5', 'echo', { version: 1.5 }],
  ['a version beyond an integer', 'echo', { version: 1e12 }],
  ['a name with \\u0000', 'a\u0000b', undefined],
  ['a name of 10 kB', 'x'.repeat(10_240), undefined],
  ['SQL', `echo'; drop table run; --`, undefined],
])('a workflow by %s is a WorkflowNotRegisteredError that lists those there are', async (_, name, options) => {
  const { runner } = shop;

  const starting = runner.start(name, 1, options);

  await expect(starting).rejects.toBeInstanceOf(WorkflowNotRegisteredError);
  await expect(starting).rejects.toThrow('(registered: echo)');
  await expect(runner.plan(name, (options as { version?: number } | undefined)?.version)).rejects.toBeInstanceOf(
    WorkflowNotRegisteredError,
  );
});

it.each<[string, object]>([
  ['a limit of 0', { limit: 0 }],
  ['a limit of 501', { limit: 501 }],
  ['a limit of 1.5', { limit: 1.5 }],
  ['an unknown status', { status: 'done' }],
  ['one unknown status of several', { status: ['failed', 'done'] }],
  ['a page mark that is no id', { before: 'x' }],
  ['a parent that is no id', { parentRunId: `x'` }],
  ['a version of 1.5', { version: 1.5 }],
  ['a version beyond an integer', { version: 1e12 }],
  ['an invalid date', { createdAfter: new Date(Number.NaN) }],
  ['a text for a date', { createdBefore: 'yesterday' }],
  ['a key with \\u0000', { idempotencyKey: 'a\u0000' }],
  ['a workflow with \\u0000', { workflow: 'a\u0000' }],
])('a list with %s is refused, naming the option', async (_, filter) => {
  const { runner } = shop;

  const listing = runner.list(filter);

  await expect(listing).rejects.toBeInstanceOf(InvalidOptionError);
  await expect(listing).rejects.toThrow(Object.keys(filter)[0]);
});

it.each<[string, (runner: DurableRunner, options: object) => unknown, object, string]>([
  ['start', (runner, options) => runner.start('echo', 1, options), { idempotencykey: 'k' }, 'idempotencyKey'],
  ['startMany', (runner, options) => runner.startMany('echo', [1], options), { prioriti: 1 }, 'priority'],
  ['startAndWait', (runner, options) => runner.startAndWait('echo', 1, options), { timeOut: 1 }, 'timeout'],
  ['list', (runner, options) => runner.list(options), { state: 'failed' }, 'status'],
  ['purge', (runner, options) => runner.purge({ olderThan: 0, ...options }), { statis: 'failed' }, 'status'],
  ['migrate', (runner, filter) => runner.migrate(filter as never, { to: 2 }), { workflows: 'echo' }, 'workflow'],
  ['migrate', (runner, to) => runner.migrate({ workflow: 'echo' }, { to: 2, ...to }), { dryrun: true }, 'dryRun'],
  ['retry', (runner, options) => runner.retry(nobody, options), { form: 'a' }, 'from'],
  ['skip', (runner, options) => runner.skip(nobody, 'a', 1, options), { dryrun: true }, 'dryRun'],
  ['signal', (runner, options) => runner.signal(nobody, 'go', 1, options), { ids: 'a' }, 'id'],
  ['resume', (runner, options) => runner.resume(nobody, 1, options), { buy: 'ann' }, 'by'],
  ['cancel', (runner, options) => runner.cancel(nobody, 'no', options), { compensat: false }, 'compensate'],
  ['terminate', (runner, options) => runner.terminate(nobody, 'no', options), { bye: 'ann' }, 'by'],
  ['pause', (runner, options) => runner.pause(nobody, options), { reasons: 'no' }, 'reason'],
  ['pause of a workflow', (runner, options) => runner.pause({ workflow: 'echo' }, options), { reasons: '' }, 'reason'],
  ['unpause', (runner, options) => runner.unpause(nobody, options), { reasn: 'no' }, 'reason'],
  ['find', (runner, options) => runner.find(nobody, options), { jornal: true }, 'journal'],
  ['result', (runner, options) => runner.result(nobody, options), { timeOut: 5 }, 'timeout'],
])('a misspelt option of %s is refused rather than ignored', async (_, call, options, meant) => {
  const { runner } = shop;

  const calling = call(runner, options);

  await expect(calling).rejects.toMatchObject({ code: 'DURABLE_UNKNOWN_OPTION', meant });
  expect(await apps.count('run')).toBe(0);
});

it('a run that is waited for is not started in a transaction of the caller', async () => {
  const { app } = shop;

  const waiting = app.dataSource.transaction((manager) => {
    return app.runner.startAndWait('echo', 1, { manager } as object);
  });

  await expect(waiting).rejects.toThrow('Unknown option manager.');
});

it.each([5, null, undefined, {}])('%p names no workflow', async (target) => {
  const { runner } = shop;

  await expect(runner.start(target as string)).rejects.toThrow(
    /^Invalid option workflow: got .*, expected the name of a workflow, a class with @Workflow, or a builder\.$/,
  );
});

it('a class without @Workflow names no workflow, and is told what is missing', async () => {
  const { runner } = shop;

  const starting = runner.start(class Forgotten {}, 1);

  await expect(starting).rejects.toBeInstanceOf(WorkflowNotRegisteredError);
  await expect(starting).rejects.toThrow('Class Forgotten has no @Workflow, so it names no workflow: add it.');
});

it.each([null, 5])('%p is no target of a signal', async (target) => {
  const { runner } = shop;

  await expect(runner.signal(target as never, 'go')).rejects.toThrow(
    'expected the id of a run, or { workflow, idempotencyKey }.',
  );
});

it('a key that no run has is told with its workflow', async () => {
  const { runner } = shop;

  const signaling = runner.signal({ workflow: 'echo', idempotencyKey: 'order-7' }, 'go');

  await expect(signaling).rejects.toBeInstanceOf(RunNotFoundError);
  await expect(signaling).rejects.toThrow('There is no run of workflow "echo" with the idempotency key "order-7".');
});

it.each([nobody, 'x', '', `' or true --`, 'a\u0000'])(
  'an id that is no run is a RunNotFoundError everywhere',
  async (id) => {
    const { runner } = shop;

    const asking = [
      () => runner.find(id),
      () => runner.journal(id),
      () => runner.result(id),
      () => runner.cancel(id),
      () => runner.retry(id),
      () => runner.explain(id),
    ];
    for (const ask of asking) await expect(ask()).rejects.toBeInstanceOf(RunNotFoundError);
  },
);

// Covers: find, list, journal, plan and purge. What all but purge refuse: refusals.spec.ts. The statements: storage/run-admin.spec.ts.
import { durable, RunNotFoundError } from '../../../lib/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();
const echo = (name = 'echo', version = 1): ReturnType<typeof durable> =>
  durable(name, { version }).step('say', (ctx) => ctx.input);
const fails = (): ReturnType<typeof durable> =>
  durable('fails').step(
    'no',
    () => {
      throw new Error('no');
    },
    { maxAttempts: 1 },
  );

describe('find', () => {
  it('shows a run with its input, results and place in the plan', async () => {
    const plan = durable('two')
      .step('one', () => 1)
      .step(
        'two',
        () => {
          throw new Error('no');
        },
        { backoff: () => 60 },
      );
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('two', { a: 1 }, { idempotencyKey: 'k', priority: 2, timeout: '1h' });
    await testing.drain();

    expect(await runner.find(run.id)).toMatchObject({
      id: run.id,
      workflowName: 'two',
      version: 1,
      status: 'suspended',
      queue: 'durable',
      priority: 2,
      idempotencyKey: 'k',
      input: { a: 1 },
      results: { one: 1 },
      result: null,
      error: null,
      currentStep: 1,
      totalSteps: 2,
      attempt: 2,
      wakeAt: new Date('2030-01-01T00:01:00Z'),
      deadlineAt: new Date('2030-01-01T01:00:00Z'),
      createdAt: new Date('2030-01-01T00:00:00Z'),
      parentRunId: null,
      children: [],
      journal: [],
    });
    expect((await runner.find(run.id, { children: true })).children).toEqual([]);
  });

  it('shows a run whose class is gone', async () => {
    const first = await apps.boot({ workflows: [echo()] });
    const run = await first.runner.start('echo', 'x');
    await run.result();
    await first.close();
    const second = await apps.boot();

    expect(await second.runner.find(run.id)).toMatchObject({ result: { say: 'x' }, totalSteps: 1 });
    expect(await second.runner.plan('echo')).toMatchObject({ name: 'echo', version: 1 });
  });
});

describe('journal', () => {
  it('tells what happened in its order, also where nothing took any time', async () => {
    const plan = durable('many')
      .step('one', () => 1, { compensate: () => 'undone' })
      .step(
        'two',
        (ctx) => {
          if (ctx.attempt < 3) throw new Error(`${ctx.attempt}`);
          return 2;
        },
        { backoff: () => 0 },
      )
      .step(
        'three',
        () => {
          throw new Error('no');
        },
        { maxAttempts: 1 },
      );
    const { runner, testing } = await apps.bootVirtual({ workflows: [plan] });
    const run = await runner.start('many');
    await testing.drain();

    expect((await runner.journal(run.id)).map(({ key, status, attempt }) => `${key} ${status} ${attempt}`)).toEqual([
      'one completed 1',
      'two failed 1',
      'two failed 2',
      'two completed 3',
      'three failed 1',
      'undo:one completed 1',
    ]);
  });
});

describe('list', () => {
  it('pages through runs, the newest first, without payloads, each once', async () => {
    const { runner } = await apps.boot({ worker: false, workflows: [echo()] });
    const runs = await runner.startMany(
      'echo',
      Array.from({ length: 25 }, (_, n) => n),
    );

    const ids: string[] = [];
    const sizes: number[] = [];
    for (let before: string | undefined; ;) {
      const page = await runner.list({ limit: 10, before });
      sizes.push(page.length);
      ids.push(...page.map(({ id }) => id));
      expect(page.some((row) => 'input' in row || 'results' in row)).toBe(false);
      if (page.next === null) break;
      before = page.next;
    }

    expect(sizes).toEqual([10, 10, 5]);
    expect(ids).toEqual(
      runs
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
  });

  it('of exactly one page has no next one', async () => {
    const { runner } = await apps.boot({ worker: false, workflows: [echo()] });
    await runner.startMany('echo', [1, 2]);

    expect((await runner.list({ limit: 2 })).next).toBeNull();
    expect(await runner.list({ before: '00000000-0000-7000-8000-000000000000' })).toHaveLength(0);
  });

  it('filters by status, workflow, version, key and time', async () => {
    const { runner, testing } = await apps.bootVirtual({
      workflows: [echo(), echo('echo', 2), echo('other'), fails()],
    });
    await runner.start('echo', 1, { version: 1, idempotencyKey: 'k' });
    await runner.start('echo', 2);
    await testing.advance('1h');
    await runner.start('other');
    await runner.start('fails');
    await testing.drain();
    const count = async (filter: object): Promise<number> => (await runner.list(filter)).length;
    const between = new Date('2030-01-01T00:30:00Z');

    expect(await count({})).toBe(4);
    expect(await count({ status: 'failed' })).toBe(1);
    expect(await count({ status: ['failed', 'completed'] })).toBe(4);
    expect(await count({ workflow: 'echo' })).toBe(2);
    expect(await count({ workflow: 'echo', version: 2 })).toBe(1);
    expect(await count({ workflow: echo() })).toBe(1);
    expect(await count({ idempotencyKey: 'k' })).toBe(1);
    expect(await count({ createdAfter: between })).toBe(2);
    expect(await count({ createdBefore: between })).toBe(2);
    expect(await count({ status: [] })).toBe(0);
  });
});

describe('tags', () => {
  const hostile = [`"}',{`, 'a\\b', 'NULL', 'süß 漢字 🚀', ' spaced '];

  it('stay with the run as they were given, each once, and find it', async () => {
    const { runner } = await apps.boot({ worker: false, workflows: [echo()] });
    const run = await runner.start('echo', 1, { tags: [...hostile, 'a\\b'] });
    await runner.startMany('echo', [2, 3], { tags: ['NULL'] });
    await runner.start('echo', 4, { tags: [] });
    await runner.start('echo', 5);

    expect((await runner.find(run.id)).tags).toEqual(hostile);
    const count = async (tag: string | string[]): Promise<number> => (await runner.list({ tag })).length;
    expect(await count('NULL')).toBe(3);
    expect(await count(hostile)).toBe(1);
    expect(await count(['NULL', 'unknown'])).toBe(0);
    expect(await count([])).toBe(5);
  });

  it.each([
    ['eu', 'Invalid tags "eu": they must be an array of strings.'],
    [[''], 'Invalid tag "": it must not be empty.'],
    [['x'.repeat(101)], 'it has 101 characters; at most 100 are allowed.'],
    [[1], 'Invalid tag 1: it must be a string.'],
    [Array.from({ length: 21 }, (_, n) => `t${n}`), 'there are 21; at most 20 are allowed.'],
  ])('are refused before anything is written: %j', async (tags, message) => {
    const { runner } = await apps.boot({ worker: false, workflows: [echo()] });

    await expect(runner.start('echo', 1, { tags: tags as string[] })).rejects.toThrow(message);
    expect(await runner.list()).toHaveLength(0);
  });
});

it('finds runs by a text of their error, in any case', async () => {
  const { runner, testing } = await apps.bootVirtual({ workflows: [echo(), fails()] });
  await runner.start('echo', 1);
  await runner.start('fails');
  await testing.drain();
  const [failed] = await runner.list({ status: 'failed' });
  const count = async (error: string): Promise<number> => (await runner.list({ error })).length;

  expect(await count(failed.error!.message.toUpperCase())).toBe(1);
  expect(await count(failed.error!.name)).toBe(1);
  expect(await count('100%')).toBe(0);
  await expect(runner.list({ error: '' })).rejects.toThrow('a text of 1 to 200 characters');
});

describe('purge', () => {
  it('deletes ended runs of an age with all that belongs to them, and no others', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [echo(), fails()] });
    const old = await runner.start('echo');
    const failed = await runner.start('fails');
    const waiting = await runner.start('echo', 1, { delay: '30d' });
    await testing.advance('8d');
    const recent = await runner.start('echo');
    await testing.drain();

    expect(await runner.purge({ olderThan: '7d' })).toBe(2);

    for (const { id } of [old, failed]) await expect(runner.find(id)).rejects.toBeInstanceOf(RunNotFoundError);
    for (const { id } of [waiting, recent]) expect(await runner.find(id)).toMatchObject({ id });
    expect(await apps.sql('select run_id from durable.journal')).toEqual([{ run_id: recent.id }]);
    expect(await apps.count('attempt')).toBe(0);
  });

  it('keeps what an operator may still want to look into, unless it is named', async () => {
    const { runner } = await apps.boot({ workflows: [fails()] });
    const run = await runner.start('fails');
    await run.result().catch(() => undefined);
    await apps.sql(`update durable.run set status = 'compensation_failed'`);

    expect(await runner.purge({ olderThan: 0 })).toBe(0);
    expect(await runner.purge({ olderThan: 0, status: 'compensation_failed' })).toBe(1);
  });

  it('goes through more runs than fit into one batch', async () => {
    const { runner } = await apps.boot({ worker: false, workflows: [echo()] });
    await runner.startMany(
      'echo',
      Array.from({ length: 1_100 }, (_, n) => n),
    );
    await apps.sql(`update durable.run set status = 'canceled', due_at = null, finished_at = now() - interval '1 day'`);

    expect(await runner.purge({ olderThan: '1h' })).toBe(1_100);
    expect(await apps.count('run')).toBe(0);
  });
});

it.each<[string, object]>([
  ['a status in which runs have not ended', { olderThan: 0, status: 'running' }],
  ['an unknown status', { olderThan: 0, status: ['completed', 'gone'] }],
  ['an age that is no duration', { olderThan: 'old' }],
  ['a negative age', { olderThan: -1 }],
])('a purge with %s is refused, and nothing is deleted', async (_, options) => {
  const { runner } = await apps.boot({ workflows: [echo()] });
  await runner.startAndWait('echo');

  await expect(runner.purge(options as never)).rejects.toMatchObject({
    code: expect.stringMatching(/^DURABLE_INVALID_/),
  });
  expect(await apps.count('run')).toBe(1);
});

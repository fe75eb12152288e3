// Covers: names and values of users reach the database as values only, whatever they say, and the schema's name as one quoted
// identifier. What is refused for its form: test/unit/common/names.spec.ts and test/integration/runner/refusals.spec.ts.
import { jest } from '@jest/globals';
import { Client } from 'pg';
import { durable, durableMigrationSql, durableRolesSql, type DurableWorkflow } from '../../../lib/index.js';
import { DurableApps, until } from '../../support/durable-app.js';

const MARK = 'h0stile';
const SCHEMA = `x"; drop table prey; -- $1 'q' \\ %s 🦆`;

const HOSTILE = [
  `'; drop table prey; -- ${MARK}`,
  `"; drop table prey; -- ${MARK}`,
  `$1 $2 $$ $durable$ ${MARK}`,
  `{${MARK}},"NULL",\\" \\\\ \\'`,
  `🦆 ${MARK} \u202e שלום %s ? :x @y`,
  `${MARK} __proto__ constructor (select pg_sleep(60))`,
  `*/ ${MARK} /*`,
];
const UNFIT = [`${MARK}\nnext`, `${MARK}\u0000`, `${MARK}\ud800`, MARK.repeat(1_500), ''];

/** Every statement's text that any connection of the process was given. */
const texts: string[] = [];
const spy = jest.spyOn(Client.prototype, 'query');
afterAll(() => spy.mockRestore());

const apps = new DurableApps({ empty: true });

beforeAll(async () => {
  await apps.sql('create table prey (n int)');
  await apps.sql('insert into prey values (1)');
});

function collect(): void {
  for (const [query] of spy.mock.calls as unknown as [unknown][]) {
    texts.push(typeof query === 'string' ? query : ((query as { text?: string } | null)?.text ?? ''));
  }
  spy.mockClear();
}

afterEach(async () => {
  collect();
  expect(texts.length).toBeGreaterThan(20);
  expect(texts.filter((text) => text.includes(MARK))).toEqual([]);
  expect(await apps.sql('select n from prey')).toEqual([{ n: 1 }]);
});

/** Node names have rules of their own: what structures the journal's keys is not allowed in them. */
const nodeName = (name: string): string => name.replace(/[.#:]/g, ' ');

function plan(name: string): DurableWorkflow {
  const node = nodeName(name);
  return durable(name)
    .step(`${node} 1`, (ctx) => ctx.heartbeat(name).then(() => name), { compensate: () => undefined })
    .parallel(`${node} 2`, [{ name: `${node} b`, handler: () => ({ [name]: name }) }])
    .step(`${node} 3`, (ctx) => ctx.manager.query('select $1::text as said', [name]), { transactional: true })
    .waitForSignal(`${node} 4`, name)
    .step(`${node} 5`, () => Promise.reject(Object.assign(new Error(name), { name, code: name })), { maxAttempts: 1 });
}

it.each(HOSTILE)('%j is but a name, in every place that takes one', async (name) => {
  const options = { schema: SCHEMA, queue: name, worker: { id: name, pollInterval: 50 } };
  const { runner, dataSource } = await apps.boot({ workflows: [plan(name)], ...options });
  const run = await runner.start(name, { [name]: name }, { idempotencyKey: name, queue: name, tags: [name] });
  const again = await runner.start(name, { [name]: name }, { idempotencyKey: name, queue: name, tags: [name] });
  expect(again.id).toBe(run.id);
  await until(
    () => run.snapshot(),
    ({ awaitingSignal }) => awaitingSignal !== null,
  );
  const first = await dataSource.transaction((manager) => runner.signal(run.id, name, name, { id: name, manager }));
  expect(first).toMatchObject({ accepted: true });
  await expect(run.result({ timeout: '60s' })).rejects.toThrow(name);

  const order = { by: name, reason: name };
  expect(await runner.pause({ workflow: name }, order)).toMatchObject({ accepted: true });
  expect(await runner.unpause({ workflow: name }, order)).toMatchObject({ accepted: true });
  expect(await runner.retry(run.id, { from: `${nodeName(name)} 1`, ...order })).toMatchObject({ accepted: true });
  await run.cancel(name);
  await until(
    () => run.snapshot(),
    ({ status }) => status === 'canceled' || status === 'failed',
  );
  const snapshot = await runner.find(run.id, { journal: true });
  expect(snapshot).toMatchObject({ workflowName: name, input: { [name]: name } });
  expect((await runner.operations(run.id)).map(({ by }) => by)).toContain(name);
  expect(await runner.list({ workflow: name, tag: name })).toHaveLength(1);
  expect(await runner.plan(name)).toMatchObject({ name });
  expect(await runner.purge({ olderThan: 0 })).toBe(1);
});

it.each(UNFIT)('a name or key that cannot be one is refused before anything is written (%#)', async (name) => {
  const { runner } = await apps.boot({ workflows: [plan('fit')], schema: SCHEMA });
  const run = await runner.start('fit');
  await expect(runner.start(name)).rejects.toThrow();
  await expect(runner.start('fit', 1, { idempotencyKey: name })).rejects.toThrow();
  await expect(runner.start('fit', 1, { queue: name })).rejects.toThrow();
  await expect(runner.signal(run.id, name)).rejects.toThrow();
  await expect(runner.signal(run.id, 'fit', 1, { id: name })).rejects.toThrow();
  await expect(runner.find(name)).rejects.toThrow();
  expect(() => durable(name)).toThrow();
  expect(() => durable('fit').step(name, () => 1)).toThrow();
  expect(() => durableMigrationSql({ schema: name })).toThrow();
  expect(() => durableRolesSql({ schema: name })).toThrow();
  await runner.terminate(run.id);
  expect(await runner.list({ workflow: 'fit', status: ['pending', 'running', 'suspended'] })).toHaveLength(0);
  await runner.purge({ olderThan: 0 });
});

// Covers what a network does to a worker: silence, resets, slowness, a connection of which only one end is left, a partition
// of the control connection alone. Answers that are lost after a commit: test/crash/lost-answers.spec.ts. All of it at one
// time, and with real processes: test/soak.
import { jest } from '@jest/globals';
import { durable, type DurableWorkflow } from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';
import { eventually } from '../../support/eventually.js';
import { FaultProxy } from '../../support/fault-proxy/fault-proxy.js';
import { Gate } from '../../support/gate.js';

jest.setTimeout(120_000);

const apps = new DurableApps({ keptSessions: false });
const CONTROL = 'nest-durable:control';
const WITHIN = { within: 60_000 };
let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await FaultProxy.to(apps.database.url);
});

afterEach(async () => {
  await proxy.end();
});

/** A worker that reaches the database through the proxy. Its lease is long where it is not to lose it: a machine that does
 * other things may stand still for seconds. */
function behindProxy(workflow: DurableWorkflow, leaseDuration = '30s'): Promise<DurableApp> {
  const worker = { leaseDuration, pollInterval: '200ms' };
  return apps.boot({ workflows: [workflow], typeorm: { url: proxy.url }, worker });
}

/** A worker on a way of its own. */
function besideProxy(workflow: DurableWorkflow): Promise<DurableApp> {
  return apps.boot({ workflows: [workflow], worker: { leaseDuration: '30s' } });
}

const statusOf = async (id: string): Promise<string> => (await apps.runRow(id)).status as string;

it.each([
  ['falls silent', () => proxy.blackHole()],
  ['lets nothing of its control connection through', () => proxy.refuse(CONTROL)],
])('replaces a worker whose network %s, and what it writes afterwards changes nothing', async (_, fault) => {
  const gates = { first: new Gate(), second: new Gate() };
  const plan = (name: keyof typeof gates) =>
    durable('walk').step('stand', async () => {
      await gates[name].pass();
      return name;
    });
  const first = await behindProxy(plan('first'), '3s');
  const run = await first.runner.start('walk');
  await gates.first.reached;
  const former = first.workerId;

  const takeBack = fault();
  const second = await besideProxy(plan('second'));
  await eventually('the run to go on elsewhere', () => gates.second.visits === 1, WITHIN);
  gates.first.open();
  takeBack();
  await eventually('a new lease', () => ![former, null].includes(first.engine.worker!.workerId), WITHIN);
  gates.second.open();

  expect(await second.runner.result(run.id)).toEqual({ stand: 'second' });
  const other = await first.runner.start('walk');
  expect(await first.runner.result(other.id)).toEqual({ stand: expect.stringMatching(/first|second/) });
});

it('finds by polling what it is not told of any more, when the server does not know its LISTEN connection', async () => {
  const app = await behindProxy(durable('walk').step('go', () => 'gone'));
  const caller = await apps.boot({ worker: false, workflows: [durable('walk').step('go', () => 'gone')] });

  const takeBack = proxy.halfOpen(CONTROL);
  const run = await caller.runner.start('walk');
  await eventually('the run to end', async () => (await statusOf(run.id)) === 'completed', WITHIN);
  takeBack();

  await eventually('a new control connection', () => proxy.applications.includes(CONTROL), WITHIN);
  await eventually('a lease', () => app.engine.worker!.workerId !== null, WITHIN);
});

it('goes on after every connection was reset, with each step done once', async () => {
  const gate = new Gate();
  const calls: string[] = [];
  const step = (name: string) => async (): Promise<void> => void calls.push(name);
  const plan = durable('walk')
    .step('stand', () => gate.pass())
    .step('one', step('one'))
    .step('two', step('two'));
  const { runner } = await behindProxy(plan);
  const run = await runner.start('walk');
  await gate.reached;

  expect(proxy.reset()).toBeGreaterThan(1);
  gate.open();

  await runner.result(run.id);
  expect(calls).toEqual(['one', 'two']);
});

it('executes runs over a slow network, in which nothing overtakes anything', async () => {
  const { runner } = await behindProxy(
    durable('walk')
      .step('one', () => 1)
      .step('two', (ctx) => ctx.manager.query('select 2 as two'), { transactional: true }),
  );
  const takeBack = proxy.slowDown(30);
  const runs = await runner.startMany('walk', [1, 2, 3, 4, 5]);
  const results = await Promise.all(runs.map((run) => run.result()));
  takeBack();

  expect(results).toEqual(Array(5).fill({ one: 1, two: [{ two: 2 }] }));
});

it.each(['before', 'after'] as const)(
  'does a transactional step once when its COMMIT is cut %s it arrived',
  async (moment) => {
    await apps.sql('create table if not exists deed (run_id uuid not null)');
    const plan = durable('walk').step('do', (ctx) => ctx.manager.query('insert into deed values ($1)', [ctx.runId]), {
      ...{ transactional: true, maxAttempts: 5, backoff: () => 0.01 },
    });
    const { runner } = await behindProxy(plan);
    const cut = proxy.cutAt('COMMIT\0', moment);
    const run = await runner.start('walk');
    await run.result();
    expect(await cut.happened).toBe(true);

    expect(await apps.sql('select count(*)::int as times from deed where run_id = $1', [run.id])).toEqual([
      { times: 1 },
    ]);
    expect(await apps.count('attempt')).toBe(moment === 'before' ? 1 : 0);
  },
);

// Covers whole lives of runs: fast-check makes up orders, signals, cancels, retries, crashes, leases that run out, moves to
// another version and passing time, and every run must be where a model of a page says. Single cases: test/integration/engine. Races inside one moment: test/integration/races
// and test/unit/models.
import fc from 'fast-check';
import { durable, type DurableContext, type DurableRunner, type RunStatus } from '../../../lib/index.js';
import { DurableApps, type DurableApp } from '../../support/durable-app.js';
import type { DurableTesting } from '../../../lib/testing/index.js';
import { Gate } from '../../support/gate.js';
import { tries } from '../../support/model-runs.js';

const MINUTE = 60_000;
const TIMEOUT = 60 * MINUTE;
const NAP = 10 * MINUTE;

/** What the model knows of one run; `due` is when its timer fires. */
interface Expected {
  readonly id: string;
  status: RunStatus;
  at: 'waiting' | 'napping' | 'ended';
  version: number;
  due: number;
  broken: boolean;
  /** The result of the wait. */
  go: unknown;
  /** How often `undo` has run. */
  undone: number;
}

interface Model {
  now: number;
  readonly runs: Map<string, Expected>;
}

interface Real {
  readonly runner: DurableRunner;
  readonly testing: DurableTesting;
  readonly apps: readonly DurableApp[];
  readonly tag: string;
  /** Where the next `work` stands still, if it shall. */
  readonly hold: { gate: Gate | null; at: string | null };
  readonly undos: Map<string, number>;
}

type Command = fc.AsyncCommand<Model, Real>;

const apps = new DurableApps();

/** The signal, or its absence, lets `work` happen; it naps, or fails for good, and what `first` did is undone. */
function goesOn(run: Expected, go: unknown, at: number): void {
  run.go = go;
  if (run.broken) Object.assign(run, { status: 'failed', at: 'ended', undone: run.undone + 1 });
  else Object.assign(run, { status: 'suspended', at: 'napping', due: at + NAP });
}

function pass(model: Model, until: number): void {
  for (;;) {
    const open = [...model.runs.values()].filter(({ at, due }) => at !== 'ended' && due <= until);
    const [next] = open.sort((a, b) => a.due - b.due);
    if (!next) break;
    if (next.at === 'waiting') goesOn(next, null, next.due);
    else Object.assign(next, { status: 'completed', at: 'ended' });
  }
  model.now = until;
}

async function expectAsModelled(model: Model, real: Real): Promise<void> {
  for (const run of model.runs.values()) {
    const { status, version, results } = await real.runner.find(run.id);
    const undone = real.undos.get(run.id) ?? 0;
    expect({ status, version, undone }).toEqual({ status: run.status, version: run.version, undone: run.undone });
    expect(results.last).toBe(status === 'completed' ? `done by ${version}` : undefined);
    if (run.at !== 'waiting' && run.status !== 'canceled') expect(results.go).toEqual(run.go);
  }
}

function command(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command {
  return {
    check,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real);
      await real.testing.drain();
      await expectAsModelled(model, real);
    },
  };
}

const start = (key: string, broken: boolean) =>
  command(
    `start ${key}${broken ? ', broken' : ''}`,
    () => true,
    async (model, real) => {
      const before = model.runs.get(key);
      const input = { broken: before?.broken ?? broken };
      if (before && before.undone > 0) return;
      const run = await real.runner.start('lives', input, { idempotencyKey: `${real.tag} ${key}`, version: 1 });
      expect(run.created).toBe(before === undefined);
      if (before) return void expect(run.id).toBe(before.id);
      const due = model.now + TIMEOUT;
      model.runs.set(key, {
        id: run.id,
        status: 'suspended',
        at: 'waiting',
        version: 1,
        due,
        broken,
        go: undefined,
        undone: 0,
      });
    },
  );

const signal = (key: string) =>
  command(
    `signal ${key}`,
    (model) => model.runs.has(key),
    async (model, real) => {
      const run = model.runs.get(key)!;
      const { accepted } = await real.runner.signal(run.id, 'go', 'now');
      expect(accepted).toBe(run.at === 'waiting');
      if (run.at === 'waiting') goesOn(run, 'now', model.now);
    },
  );

const cancel = (key: string) =>
  command(
    `cancel ${key}`,
    (model) => model.runs.has(key),
    async (model, real) => {
      const run = model.runs.get(key)!;
      const { accepted } = await real.runner.cancel(run.id);
      expect(accepted).toBe(run.at !== 'ended');
      if (run.at !== 'ended') Object.assign(run, { status: 'canceled', at: 'ended', undone: run.undone + 1 });
    },
  );

const retry = (key: string) =>
  command(
    `repair and retry ${key}`,
    (model) => model.runs.get(key)?.status === 'failed',
    async (model, real) => {
      const run = model.runs.get(key)!;
      await apps.sql(`update durable.run set input = '{"broken":false}' where id = $1`, [run.id]);
      expect(await real.runner.retry(run.id, { from: 'first' })).toMatchObject({ accepted: true });
      Object.assign(run, {
        status: 'suspended',
        at: 'waiting',
        due: model.now + TIMEOUT,
        broken: false,
        go: undefined,
      });
    },
  );

/** A signal lets `work` begin in one of the processes, where it stands still until `gate` is opened. */
async function heldAtWork(id: string, { runner, apps, hold }: Real) {
  const gate = new Gate();
  Object.assign(hold, { gate, at: id });
  await runner.signal(id, 'go', 'now');
  await gate.reached;
  hold.gate = null;
  const { worker_id: holder } = await rowOf(id);
  return { gate, holder, other: apps.find(({ workerId }) => workerId !== holder)! };
}

const rowOf = async (id: string) =>
  (await apps.sql<{ worker_id: string }>('select * from durable.run where id = $1', [id]))[0];

/** The worker that has lost its runs learns of it, and works on under a new lease. */
async function renewAll(workers: readonly DurableApp[]): Promise<void> {
  for (let round = 0; round < 2; round++) for (const app of workers) await app.engine.worker!.renew();
}

const crash = (key: string) =>
  command(
    `crash at work ${key}`,
    (model) => model.runs.get(key)?.at === 'waiting',
    async (model, real) => {
      const run = model.runs.get(key)!;
      const { gate, holder, other } = await heldAtWork(run.id, real);
      await apps.declareDead(holder);
      await other.runner.recover();
      gate.open();
      await renewAll(real.apps);
      goesOn(run, 'now', model.now);
    },
  );

const expire = (key: string) =>
  command(
    `the lease runs out at work ${key}`,
    (model) => model.runs.get(key)?.at === 'waiting',
    async (model, real) => {
      const run = model.runs.get(key)!;
      const { gate, holder, other } = await heldAtWork(run.id, real);
      // Longer than a lease; the holder does not renew, as a process that stands still.
      real.testing.clock.move(MINUTE);
      await other.engine.worker!.renew();
      expect((await other.engine.worker!.sweep()).deadWorkers).toEqual([holder]);
      gate.open();
      await renewAll(real.apps);
      goesOn(run, 'now', model.now + MINUTE);
      pass(model, model.now + MINUTE);
    },
  );

const migrate = (key: string) =>
  command(
    `migrate ${key}`,
    (model) => model.runs.has(key),
    async (model, real) => {
      const run = model.runs.get(key)!;
      const results = await real.runner.migrate({ workflow: 'lives', runIds: [run.id] }, { to: 2 });
      const moves = run.at !== 'ended' && run.version === 1;
      expect(results).toMatchObject(moves ? [{ runId: run.id, outcome: 'moved' }] : []);
      if (moves) run.version = 2;
    },
  );

const advance = (minutes: number) =>
  command(
    `advance ${minutes} min`,
    () => true,
    async (model, real) => {
      await real.testing.advance(minutes * MINUTE);
      pass(model, model.now + minutes * MINUTE);
    },
  );

const keys = fc.constantFrom('A', 'B', 'C');
const commands = fc.commands(
  [
    fc.tuple(keys, fc.boolean()).map(([key, broken]) => start(key, broken)),
    ...[signal, cancel, retry, crash, expire, migrate].map((order) => keys.map(order)),
    fc.integer({ min: 1, max: 70 }).map(advance),
  ],
  // Not the small ones that are made up otherwise: most of those end before anything could crash.
  { maxCommands: 25, size: 'max' },
);

it('takes every run where the model does', async () => {
  const hold: Real['hold'] = { gate: null, at: null };
  const undos: Real['undos'] = new Map();
  const plan = (version: number) =>
    durable('lives', { version })
      .step('first', () => 1, { compensate: (ctx) => void undos.set(ctx.runId, (undos.get(ctx.runId) ?? 0) + 1) })
      .waitForSignal('go', 'go', { timeout: TIMEOUT })
      .step(
        'work',
        async (ctx: DurableContext) => {
          if (hold.at === ctx.runId) await hold.gate?.pass();
          if (ctx.input.broken) throw new Error('broken');
        },
        { maxAttempts: 1 },
      )
      .sleep('nap', NAP)
      .step('last', () => `done by ${version}`);
  const workflows = [plan(1), plan(2)];
  const booted = await apps.bootVirtual({ workflows }, { workflows });
  let sequences = 0;
  const property = fc.asyncProperty(commands, async (made) => {
    const tag = `sequence ${++sequences}`;
    await fc.asyncModelRun(
      () => ({
        model: { now: booted.testing.now().getTime(), runs: new Map() },
        real: { ...booted, hold, undos, tag },
      }),
      made,
    );
  });
  await fc.assert(property, tries(16));
});

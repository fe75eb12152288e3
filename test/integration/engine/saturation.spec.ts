// Covers: what begins at a worker that holds more runs than the database keeps up with. How it is counted: begin-queue.spec.ts of
// the unit tests.
import type { QueryRunner } from 'typeorm';
import { durable, type DurableContext } from '../../../lib/index.js';
import { UNLOCKED_FOR_MS } from '../../../lib/storage/contract/worker-store.contract.js';
import { DurableApps, type DurableApp, until } from '../../support/durable-app.js';

const apps = new DurableApps();
const RUNS = 2_500;
/** What begins while nothing is written; see `BeginQueue`. */
const ENOUGH = 1_200;
const numbers = Array.from({ length: RUNS }, (_, n) => n);

/** Counts what each run has executed. */
function counted() {
  const executed = new Map<number, number>();
  const plan = () =>
    durable('counted')
      .step('first', ({ input }: DurableContext<number>) => {
        executed.set(input, (executed.get(input) ?? 0) + 1);
      })
      .step('second', () => null);
  return { executed, plan };
}

/** Keeps checkpoints from being written; runs can be started. */
async function stall(app: DurableApp): Promise<QueryRunner> {
  const holder = app.dataSource.createQueryRunner();
  await holder.startTransaction();
  await holder.query('lock table durable.journal in share mode');
  return holder;
}

/** As a process does that gets no core. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Waits for as many runs to begin as do while nothing is written, and for no more. */
async function untilStalled(executed: ReadonlyMap<number, number>): Promise<void> {
  await until(
    () => executed.size,
    (begun) => begun >= ENOUGH,
  );
  expect(executed.size).toBe(ENOUGH);
}

async function letGo(holder: QueryRunner): Promise<void> {
  await holder.rollbackTransaction();
  await holder.release();
}

it.each([
  ['finishes what has begun before it begins more than keeps the batches full', 0],
  ['does so too when it stood still, and is not sure of its lease', 2 * UNLOCKED_FOR_MS],
])('%s', async (_, standstillMs) => {
  let going = 0;
  let most = 0;
  const plan = durable('three')
    .step('first', ({ input }: DurableContext<number>) => {
      most = Math.max(most, ++going);
      if (input === 0) standStill(standstillMs);
    })
    .step('second', () => null)
    .step('third', () => void going--);
  const app = await apps.boot({ worker: { concurrency: RUNS }, workflows: [plan] });
  // A claim that is under way would keep slots from the starts.
  await until(
    () => app.engine.worker!.isBusy,
    (busy) => !busy,
  );

  const runs = await app.runner.startMany('three', numbers);
  await Promise.all(runs.map((run) => run.result({ timeout: '60s' })));

  // And one with fifty checkpoints, whatever waits.
  expect(most).toBeLessThanOrEqual(ENOUGH + (3 * RUNS) / 50);
  expect(going).toBe(0);
});

it('begins nothing more while nothing can be written, and ends a run that is canceled meanwhile without executing it', async () => {
  const { executed, plan } = counted();
  const app = await apps.boot({ worker: { concurrency: RUNS }, workflows: [plan()] });
  const holder = await stall(app);
  const runs = await app.runner.startMany('counted', numbers);
  await untilStalled(executed);
  const last = runs.at(-1)!;

  await last.cancel('not needed');
  expect(executed.size).toBe(ENOUGH);
  await letGo(holder);
  await Promise.all(runs.slice(0, -1).map((run) => run.result({ timeout: '60s' })));

  await expect(last.result({ timeout: '60s' })).rejects.toMatchObject({ status: 'canceled' });
  expect(executed).toEqual(new Map(numbers.slice(0, -1).map((n) => [n, 1])));
});

it('claims no more than it can begin, and leaves the rest to other workers', async () => {
  const { executed, plan } = counted();
  const web = await apps.boot({ worker: false, workflows: [plan()] });
  const runs = await web.runner.startMany('counted', [...numbers, ...numbers.map((n) => n + RUNS)]);
  const holder = await stall(web);
  const app = await apps.boot({ worker: { concurrency: 2 * RUNS }, workflows: [plan()] });
  await until(
    () => apps.sql(`select from durable.run where status = 'running'`),
    (held) => held.length >= 2 * ENOUGH,
  );
  for (let n = 0; n < 20; n++) app.engine.worker!.wake();
  await app.engine.worker!.renew();

  expect(await apps.sql(`select from durable.run where status = 'running'`)).toHaveLength(2 * ENOUGH);
  await letGo(holder);
  await Promise.all(runs.map((run) => web.runner.result(run.id, { timeout: '60s' })));

  expect([...executed.values()]).toEqual(runs.map(() => 1));
});

it('hands back at a shutdown what has not begun', async () => {
  const { executed, plan } = counted();
  const app = await apps.boot({ worker: { concurrency: RUNS }, workflows: [plan()] });
  const holder = await stall(app);
  const runs = await app.runner.startMany('counted', numbers);
  await untilStalled(executed);
  const next = await apps.boot({ worker: false, workflows: [plan()] });
  const closing = app.close();
  await letGo(holder);
  await closing;

  const left = await apps.sql(`select status from durable.run where status <> 'completed'`);
  expect(new Set(left.map(({ status }) => status as string))).toEqual(new Set(['pending']));
  await next.close();
  const other = await apps.boot({ workflows: [plan()] });
  await Promise.all(runs.map((run) => other.runner.result(run.id, { timeout: '60s' })));

  expect(executed.size).toBe(RUNS);
  expect([...executed.values()].every((times) => times === 1)).toBe(true);
});

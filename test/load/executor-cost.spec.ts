/**
 * Covers: what the engine itself costs a step, on a storage in memory, in a process that nothing else runs in. With a
 * database: steady-load.spec.ts.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cost } from '../../bench/micro/executor-cost.js';
import { inTurns } from '../support/in-turns.js';

/** Microseconds of CPU a step, garbage collection included, on a machine as fast as the one that it was set on. */
const LIMIT = 15;
/** What that machine took for the yardstick. A slower one is allowed as much more as it takes for that, and no faster one less. */
const YARDSTICK_US = 1.2;

async function output(...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, args)).stdout;
}

/** Microseconds of CPU a step, as they were on that machine. */
async function costs(): Promise<Record<'sync' | 'async', number>> {
  const slowness = Math.max(1, Number(await output('test/load/yardstick.mjs')) / YARDSTICK_US);
  const { sync, async } = JSON.parse(await output('dist/bench/micro/main.js', '--json')) as Record<
    'sync' | 'async',
    Cost
  >;
  return { sync: sync.best / slowness, async: async.best / slowness };
}

it('costs less than 15 microseconds of CPU a step, whether handlers are asynchronous or not', async () => {
  const { sync, async } = await inTurns(costs, (cost) => Math.max(cost.sync, cost.async) < LIMIT);

  expect(sync).toBeLessThan(LIMIT);
  expect(async).toBeLessThan(LIMIT);
});

import { ConsoleLogger } from '@nestjs/common';
import { SystemClock } from '../../lib/common/clock.js';
import { WorkflowRegistry } from '../../lib/definition/workflow.registry.js';
import { DurableEngine } from '../../lib/durable.engine.js';
import { resolveDurableOptions } from '../../lib/durable-options.resolver.js';
import { durable, DurableRunner, type DurableWorkflow } from '../../lib/index.js';
import { median } from '../measure/statistics.js';
import { EventBus } from '../../lib/observability/event-bus.js';
import { Telemetry } from '../../lib/observability/telemetry.js';
import { inMemoryStorage } from './in-memory-storage.js';

export interface ExecutorCostOptions {
  /** Measurements of each workload; the best says what the code costs, the median what the machine made of it. */
  readonly samples: number;
  /** Runs of ten steps a sample. */
  readonly runs: number;
  readonly inFlight: number;
}

/** Microseconds of CPU a step, of the whole process: engine, promises and garbage collection. */
export interface Cost {
  readonly best: number;
  readonly median: number;
}

const STEPS = 10;
const WARM_UP_RUNS = 1_000;

/** Measures runs from start to result on a storage that answers at once. */
export async function executorCost({
  samples,
  runs,
  inFlight,
}: ExecutorCostOptions): Promise<Record<'sync' | 'async', Cost>> {
  const workflows = {
    sync: tenSteps('sync', () => ({ ok: true })),
    async: tenSteps('async', () => Promise.resolve({ ok: true })),
  };
  const engine = createEngine(Object.values(workflows), inFlight);
  const runner = new DurableRunner(engine);
  const load = async (workflow: string, count: number): Promise<void> => {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) await runner.startAndWait(workflow, { order: next++ });
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  };
  const measure = async (workflow: string): Promise<Cost> => {
    await load(workflow, WARM_UP_RUNS);
    const costs: number[] = [];
    while (costs.length < samples) {
      const before = process.cpuUsage();
      await load(workflow, runs);
      const { user, system } = process.cpuUsage(before);
      costs.push((user + system) / runs / STEPS);
    }
    return { best: Math.min(...costs), median: median(costs) };
  };
  try {
    await engine.ready();
    await engine.startWorker();
    return { sync: await measure('sync'), async: await measure('async') };
  } finally {
    await engine.close();
  }
}

function createEngine(workflows: readonly DurableWorkflow[], concurrency: number): DurableEngine {
  const logger = new ConsoleLogger({ logLevels: ['error'] });
  return new DurableEngine({
    options: { ...resolveDurableOptions({ worker: { concurrency } }), clock: new SystemClock() },
    storage: inMemoryStorage(),
    registry: new WorkflowRegistry(),
    explorer: { explore: () => ({ workflows: [...workflows], problems: [] }) },
    eventHandlers: { explore: () => ({ handlers: [], problems: [] }) },
    telemetry: new Telemetry(new EventBus(logger)),
    logger,
  });
}

function tenSteps(name: string, handler: () => unknown): DurableWorkflow {
  const workflow = durable(name);
  for (let step = 0; step < STEPS; step++) workflow.step(`step-${step}`, handler);
  return workflow;
}

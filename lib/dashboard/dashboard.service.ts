import { createRequire } from 'node:module';
import type { DurableEngine } from '../durable.engine.js';
import type { DurableRunner } from '../runner/durable-runner.js';
import type { DashboardStore } from '../storage/contract/dashboard-store.contract.js';
import type { Viewer } from './access/viewer.js';
import type { ConfigAnswer, OperationsAnswer, WorkersAnswer } from './api/dashboard-api.contract.js';
import type { ResolvedDashboardOptions } from './dashboard.options.js';
import { PageAssets } from './http/page-assets.js';
import { LARGEST_PAGE } from './http/run-query.js';
import { LiveHub } from './live/live-hub.js';
import { BULK_BATCH, BULK_LIMIT, BulkOrders } from './orders/bulk-orders.js';
import { OrderDesk } from './orders/order-desk.js';
import { OverviewReader, toWorkerView } from './read/overview.reader.js';
import { PAYLOAD_CUT } from './read/payload-view.js';
import { PlanCache } from './read/plan-cache.js';
import { PlansReader } from './read/plans.reader.js';
import { RunReader, toOperationView } from './read/run.reader.js';
import { cappedCount, COUNT_LIMIT, timeOf } from './read/run-view.js';
import { RunsReader } from './read/runs.reader.js';

const OPERATIONS_PAGE = 100;
/** Due runs that are looked at for want of a worker. */
const UNSERVED_RUNS = 10_000;

export interface DashboardParts {
  readonly options: ResolvedDashboardOptions;
  readonly store: DashboardStore;
  readonly runner: DurableRunner;
  readonly engine: Pick<DurableEngine, 'defaults' | 'registry'>;
}

/** Everything that the dashboard answers, apart from HTTP. Closed with the application, after which it answers nothing. */
export class DashboardService {
  readonly assets = new PageAssets();
  readonly overview: OverviewReader;
  readonly runs: RunsReader;
  readonly run: RunReader;
  readonly plans: PlansReader;
  readonly orders: OrderDesk;
  readonly bulk: BulkOrders;
  readonly live: LiveHub;

  constructor(private readonly parts: DashboardParts) {
    const { store, runner, engine, options } = parts;
    const plans = new PlanCache(store);
    this.overview = new OverviewReader(store, plans);
    this.runs = new RunsReader(store, plans);
    this.run = new RunReader(store, plans, this.runs, engine.defaults);
    this.plans = new PlansReader(store, plans, {
      isRegistered: (name, version, hash) => engine.registry.find(name, version)?.hash === hash,
    });
    this.orders = new OrderDesk({ runner, store, plans, runs: this.runs, audit: options.audit });
    this.bulk = new BulkOrders(store, this.runs, this.orders);
    this.live = new LiveHub({ store, runs: this.runs, overview: this.overview });
  }

  get options(): ResolvedDashboardOptions {
    return this.parts.options;
  }

  async config(viewer: Viewer): Promise<ConfigAnswer> {
    const [now, workflows, allowed] = await Promise.all([
      this.parts.store.now(),
      this.plans.names(),
      viewer.allowed(null),
    ]);
    return {
      now: timeOf(now),
      user: viewer.name,
      version: packageVersion(),
      theme: this.options.theme,
      allowed,
      workflows,
      limits: {
        page: LARGEST_PAGE,
        count: COUNT_LIMIT,
        bulkBatch: BULK_BATCH,
        bulk: BULK_LIMIT,
        payload: PAYLOAD_CUT,
      },
    };
  }

  async workers(): Promise<WorkersAnswer> {
    const [{ now, workers }, unserved] = await Promise.all([
      this.parts.store.workers(),
      this.parts.store.unserved(UNSERVED_RUNS),
    ]);
    return {
      now: timeOf(now),
      workers: workers.map((worker) => toWorkerView(worker, now)),
      unserved: unserved.map(({ queue, workflow, version, count }) => {
        return { queue, workflowName: workflow, version, ...cappedCount(count) };
      }),
    };
  }

  async operations(before: string | null, viewer: Viewer): Promise<OperationsAnswer> {
    const { store } = this.parts;
    const [now, found] = await Promise.all([store.now(), store.operations({ before }, OPERATIONS_PAGE + 1)]);
    const page = found.slice(0, OPERATIONS_PAGE);
    const visible = await viewer.may('payload', null);
    return {
      now: timeOf(now),
      operations: page.map((operation) => toOperationView(operation, visible)),
      next: found.length > OPERATIONS_PAGE ? page.at(-1)!.id : null,
    };
  }

  /** Ends what is open towards pages; answers go on until {@link close}. */
  endStreams(): Promise<void> {
    return this.live.close();
  }

  async close(): Promise<void> {
    await this.live.close();
    await this.parts.store.close();
  }
}

let version: string | undefined;

function packageVersion(): string {
  version ??= (createRequire(import.meta.url)('nest-durable/package.json') as { version: string }).version;
  return version;
}

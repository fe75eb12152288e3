import { isRunId } from '../../common/ids.js';
import type { DashboardStore, RunSearch } from '../../storage/contract/dashboard-store.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { Viewer } from '../access/viewer.js';
import type { RunCountsAnswer, RunRow, RunsAnswer } from '../api/dashboard-api.contract.js';
import type { PlanCache } from './plan-cache.js';
import { cappedCount, COUNT_LIMIT, timeOf, toRunRow } from './run-view.js';

/** Lists and counts of runs. */
export class RunsReader {
  constructor(
    private readonly store: DashboardStore,
    private readonly plans: PlanCache,
  ) {}

  async list(search: RunSearch, limit: number, viewer: Viewer): Promise<RunsAnswer> {
    const [now, found] = await Promise.all([this.store.now(), this.store.search(search, limit + 1)]);
    const page = found.slice(0, limit);
    const runs = await this.rows(page, viewer);
    return { now: timeOf(now), runs, next: found.length > limit ? page.at(-1)!.id : null };
  }

  /** Counts say how many there are, also of those that a person may not look at one by one. */
  async counts(search: RunSearch): Promise<RunCountsAnswer> {
    const { status, ...others } = search;
    const [now, counts] = await Promise.all([this.store.now(), this.store.countByStatus(others, COUNT_LIMIT)]);
    const wanted = counts.filter((count) => status === undefined || status.includes(count.status));
    const total = wanted.reduce((sum, { count }) => sum + count, 0);
    return {
      now: timeOf(now),
      total: cappedCount(total),
      statuses: counts.map((count) => ({ status: count.status, ...cappedCount(count.count) })),
    };
  }

  /** A run by its id; `null` when there is none. */
  async find(id: string): Promise<StoredRun | null> {
    if (!isRunId(id)) return null;
    const [run] = await this.store.search({ ids: [id] }, 1);
    return run ?? null;
  }

  async rows(runs: readonly StoredRun[], viewer: Viewer): Promise<RunRow[]> {
    const visible = await viewer.visible(runs);
    await this.plans.load(visible);
    return visible.map((run) => toRunRow(run, this.plans));
  }
}

import { RUN_STATUSES } from '../../definition/run-state.js';
import type {
  ActivityBucket,
  DashboardStore,
  WaitingGroup,
  WorkerRecord,
} from '../../storage/contract/dashboard-store.contract.js';
import type { OverviewAnswer, OverviewWindow, WaitingReason, WorkerView } from '../api/dashboard-api.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { Viewer } from '../access/viewer.js';
import type { PlanCache } from './plan-cache.js';
import { cappedCount, timeOf, toRunRow } from './run-view.js';

const MINUTE = 60_000;

/** About sixty bars, of lengths that people count in. */
export const WINDOWS: Readonly<Record<OverviewWindow, { readonly bucketMs: number; readonly buckets: number }>> = {
  '15m': { bucketMs: 15_000, buckets: 60 },
  '1h': { bucketMs: MINUTE, buckets: 60 },
  '6h': { bucketMs: 6 * MINUTE, buckets: 60 },
  '24h': { bucketMs: 30 * MINUTE, buckets: 48 },
  '7d': { bucketMs: 180 * MINUTE, buckets: 56 },
};

/** Runs that the series is read from: some ten milliseconds. */
const NEWEST_RUNS = 20_000;
/** Runs in flight that are grouped: likewise. */
const WAITING_RUNS = 20_000;
const STATUS_LIMIT = 100_000;
const FAILURES = 10;
const FAILURES_GROUPED = 1_000;
const GROUPS = 10;
/** Everybody who looks at the overview in the same two seconds looks at the same one. */
const KEPT_MS = 2_000;

/** What everybody may see, and the runs that each person may see or not. */
interface SharedOverview {
  readonly answer: Omit<OverviewAnswer, 'failures' | 'oldestDue'>;
  readonly now: Date;
  readonly failures: readonly StoredRun[];
  readonly oldest: StoredRun | null;
}

/** The overview: what the whole system does. Made once in two seconds, however many look at it. */
export class OverviewReader {
  private readonly kept = new Map<OverviewWindow, { readonly at: number; readonly shared: Promise<SharedOverview> }>();

  constructor(
    private readonly store: DashboardStore,
    private readonly plans: PlanCache,
  ) {}

  async read(window: OverviewWindow, viewer: Viewer): Promise<OverviewAnswer> {
    const { answer, now, failures, oldest } = await this.shared(window);
    const visible = await viewer.visible(failures);
    const [due] = oldest ? await viewer.visible([oldest]) : [];
    return {
      ...answer,
      failures: visible.map((run) => toRunRow(run, this.plans)),
      oldestDue: due
        ? { run: toRunRow(due, this.plans), lateMs: Math.max(0, now.getTime() - due.dueAt!.getTime()) }
        : null,
    };
  }

  private shared(window: OverviewWindow): Promise<SharedOverview> {
    const known = this.kept.get(window);
    const now = performance.now();
    if (known && now - known.at < KEPT_MS) return known.shared;
    const shared = this.make(window);
    this.kept.set(window, { at: now, shared });
    // A failure is not kept: the next who looks asks again.
    shared.catch(() => this.kept.delete(window));
    return shared;
  }

  private async make(window: OverviewWindow): Promise<SharedOverview> {
    const { bucketMs, buckets } = WINDOWS[window];
    const { store } = this;
    const [activity, counts, estimate, groups, failures, oldest, { workers }] = await Promise.all([
      store.activity(WINDOWS[window], NEWEST_RUNS),
      store.countByStatus({}, STATUS_LIMIT),
      store.estimate(),
      store.waiting(WAITING_RUNS + 1),
      store.search({ status: ['failed', 'compensation_failed'] }, FAILURES),
      store.oldestDue(),
      store.workers(),
    ]);
    const { now } = activity;
    const start = new Date(now.getTime() - bucketMs * buckets);
    const [failureGroups] = await Promise.all([
      store.failures(start, FAILURES_GROUPED, GROUPS),
      this.plans.load([...groups, ...failures, ...(oldest ? [oldest] : [])]),
    ]);
    const series = seriesOf(activity.buckets, start, WINDOWS[window]);
    const completed = series.reduce((sum, bucket) => sum + bucket.completed, 0);
    const { since, completedLastMinute } = activity;
    const answer = {
      now: timeOf(now),
      window,
      bucketMs,
      buckets: series,
      completeSince: since && since > start ? timeOf(since) : null,
      statuses: statusesOf(counts, estimate),
      waiting: this.waitingOf(groups),
      throughput: { lastMinute: completedLastMinute / 60, window: completed / ((bucketMs * buckets) / 1000) },
      failureGroups: failureGroups.map(({ workflow: workflowName, error, count, sample: sampleRunId }) => {
        return { workflowName, error, count, sampleRunId };
      }),
      workers: workers.map((worker) => toWorkerView(worker, now)),
    };
    return { answer, now, failures, oldest };
  }

  private waitingOf(groups: readonly WaitingGroup[]): OverviewAnswer['waiting'] {
    const counts = new Map<WaitingReason, number>();
    for (const group of groups) {
      const reason = this.reasonOf(group);
      counts.set(reason, (counts.get(reason) ?? 0) + group.count);
    }
    const capped = groups.reduce((sum, { count }) => sum + count, 0) > WAITING_RUNS;
    return [...counts].sort((a, b) => b[1] - a[1]).map(([reason, count]) => ({ reason, count, capped }));
  }

  /** What a row does not say is said by the node that it stands at. */
  private reasonOf(group: WaitingGroup): WaitingReason {
    const { state } = group;
    if (state === 'held') return 'running';
    if (state === 'never') return 'child';
    if (state !== 'later') return state;
    switch (this.plans.get(group)?.nodes[group.cursor]?.kind) {
      case 'sleep':
        return 'sleeping';
      case 'childWorkflow':
        return 'child';
      default:
        return 'retry';
    }
  }
}

/** Every stretch of the window, also those in which nothing happened. */
function seriesOf(
  found: readonly ActivityBucket[],
  start: Date,
  { bucketMs, buckets }: { readonly bucketMs: number; readonly buckets: number },
): OverviewAnswer['buckets'] {
  const known = new Map(found.map((bucket) => [bucket.bucket, bucket]));
  return Array.from({ length: buckets }, (_, index) => {
    const { started = 0, completed = 0, failed = 0, canceled = 0 } = known.get(index) ?? {};
    return { at: timeOf(new Date(start.getTime() + index * bucketMs)), started, completed, failed, canceled };
  });
}

export function toWorkerView(worker: WorkerRecord, now: Date): WorkerView {
  const { startedAt, heartbeatAt, expiresAt, ...rest } = worker;
  return {
    ...rest,
    startedAt: timeOf(startedAt),
    heartbeatAt: timeOf(heartbeatAt),
    heartbeatAgeMs: Math.max(0, now.getTime() - heartbeatAt.getTime()),
    state: expiresAt > now ? 'alive' : 'late',
  };
}

/** Beyond the limit the number of completed runs is what the table's statistics leave for them. */
function statusesOf(
  counts: readonly { readonly status: (typeof RUN_STATUSES)[number]; readonly count: number }[],
  estimate: number,
): OverviewAnswer['statuses'] {
  const others = counts.reduce((sum, { status, count }) => sum + (status === 'completed' ? 0 : count), 0);
  return RUN_STATUSES.map((status) => {
    const count = counts.find((found) => found.status === status)?.count ?? 0;
    const estimated = status === 'completed' && count > STATUS_LIMIT;
    if (!estimated) return { status, estimated, ...cappedCount(count, STATUS_LIMIT) };
    return { status, estimated, count: Math.max(STATUS_LIMIT, Math.round(estimate - others)), capped: false };
  });
}

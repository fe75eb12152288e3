import type { RunStatus } from '../../definition/run-state.js';
import type { DashboardStore, RunSearch } from '../../storage/contract/dashboard-store.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { Viewer } from '../access/viewer.js';
import type { BulkAnswer, BulkPreviewAnswer, RunAction } from '../api/dashboard-api.contract.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import { refusalOf } from '../http/refusal-of.js';
import { bad, integer, runId, searchOf } from '../http/run-query.js';
import type { RunsReader } from '../read/runs.reader.js';
import { actionOf, orderOf, type Order } from './order-body.js';
import type { OrderDesk } from './order-desk.js';

/** Runs of one request: about a second's work, after which the page shows how far it is. */
export const BULK_BATCH = 50;
/** More than anybody confirms by reading a number; a script of one's own takes more. */
export const BULK_LIMIT = 10_000;
const SAMPLE = 5;
/** Above every run: nothing matched, so there is nothing to leave out. */
const NONE = '00000000-0000-0000-0000-000000000000';

const BULK_ACTIONS: ReadonlySet<RunAction> = new Set([
  'cancel',
  'retry',
  'terminate',
  'pause',
  'unpause',
  'migrate',
  'signal',
]);

/** Statuses in which a run can take an order. */
const ELIGIBLE: Partial<Record<RunAction, readonly RunStatus[]>> = {
  cancel: ['pending', 'running', 'suspended'],
  retry: ['failed', 'compensation_failed'],
};
const IN_FLIGHT: readonly RunStatus[] = ['pending', 'running', 'suspended', 'compensating'];

type Fields = Readonly<Record<string, unknown>>;

/** An order to many runs, one after the other, each with an outcome of its own. */
export class BulkOrders {
  constructor(
    private readonly store: DashboardStore,
    private readonly runs: RunsReader,
    private readonly orders: OrderDesk,
  ) {}

  async preview(body: Fields, viewer: Viewer): Promise<BulkPreviewAnswer> {
    const { order, search } = toBulk(body);
    const [counts, sample] = await Promise.all([
      this.store.countByStatus(search, BULK_LIMIT),
      this.store.search(search, SAMPLE),
    ]);
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    const able = ELIGIBLE[order.action] ?? IN_FLIGHT;
    const eligible = counts.reduce((sum, { status, count }) => sum + (able.includes(status) ? count : 0), 0);
    const capped = total > BULK_LIMIT;
    const runs = `${total} run${total === 1 ? '' : 's'}`;
    return {
      count: Math.min(total, BULK_LIMIT),
      capped,
      statuses: counts.map(({ status, count }) => ({ status, count: Math.min(count, BULK_LIMIT) })),
      eligible: Math.min(eligible, BULK_LIMIT),
      summary: capped
        ? `More than ${BULK_LIMIT} runs match: narrow the filter.`
        : `${runs} match; ${eligible} of them can take the order "${order.action}" as they are now.`,
      sample: await this.runs.rows(sample, viewer),
      upTo: sample[0]?.id ?? NONE,
    };
  }

  /**
   * Gives the order to the next runs.
   *
   * @throws DashboardRefusal with `count_changed` when more runs match than were confirmed; then nothing was done.
   */
  async give(body: Fields, viewer: Viewer): Promise<BulkAnswer> {
    const { order, search } = toBulk(body);
    const upTo = runId('upTo', body.upTo);
    const confirmed = integer('confirmed', body.confirmed, 0, BULK_LIMIT);
    const after = body.after === undefined || body.after === null ? undefined : runId('after', body.after);
    if (after === undefined && (await this.store.count({ ...search, upTo }, confirmed)) > confirmed) {
      throw new DashboardRefusal(
        'count_changed',
        'More runs match now than were confirmed. Look at the preview again.',
      );
    }
    const found = await this.store.search({ ...search, upTo, before: after }, BULK_BATCH + 1);
    const page = found.slice(0, BULK_BATCH);
    const results: BulkAnswer['results'][number][] = [];
    for (const run of await viewer.visible(page)) results.push(await this.giveOne(run, order, viewer));
    return { results, next: found.length > BULK_BATCH ? page.at(-1)!.id : null };
  }

  private async giveOne(run: StoredRun, order: Order, viewer: Viewer): Promise<BulkAnswer['results'][number]> {
    try {
      const { accepted, status } = await this.orders.carryOut(run, order, viewer);
      return { runId: run.id, accepted, status, message: null };
    } catch (error) {
      const refusal = refusalOf(error);
      // What is no refusal of this run would be none of the next ones either.
      if (!refusal || refusal.status >= 500) throw error;
      return { runId: run.id, accepted: false, status: run.status, message: refusal.message };
    }
  }
}

function toBulk({ action, filter, runIds, args }: Fields): { readonly order: Order; readonly search: RunSearch } {
  const known = actionOf(typeof action === 'string' ? action : '');
  if (!BULK_ACTIONS.has(known)) throw bad('action', `one of ${[...BULK_ACTIONS].join(', ')}`);
  const order = orderOf(known, objectOf('args', args ?? {}));
  if (runIds === undefined) return { order, search: { ...searchOf(objectOf('filter', filter)), before: undefined } };
  if (filter !== undefined) throw bad('filter', 'absent where runIds are given');
  if (!Array.isArray(runIds) || runIds.length > BULK_LIMIT) throw bad('runIds', `a list of at most ${BULK_LIMIT} ids`);
  return { order, search: { ids: runIds.map((id) => runId('runIds', id)) } };
}

function objectOf(field: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw bad(field, 'an object');
}

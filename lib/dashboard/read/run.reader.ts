import { RunResults } from '../../definition/run-results.js';
import { explainRun } from '../../runner/explain-run.js';
import type { ExplainDefaults } from '../../runner/explained.js';
import type { RunExplanation } from '../../runner/run-explanation.interface.js';
import type { AttemptRow, DashboardStore, MarkRow } from '../../storage/contract/dashboard-store.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { RunFacts } from '../../storage/contract/run-facts.contract.js';
import type { StoredOperation } from '../../storage/contract/run-repair.contract.js';
import type { Viewer } from '../access/viewer.js';
import type {
  JournalAnswer,
  OperationView,
  Payload,
  PayloadAnswer,
  RunAnswer,
  Wire,
} from '../api/dashboard-api.contract.js';
import { DashboardRefusal } from '../http/dashboard-refusal.js';
import { nodeViews } from './node-overlay.js';
import { offeredActions } from './offered-actions.js';
import { payloadNameOf } from './payload-name.js';
import { cutText, indented, PAYLOAD_CUT, ROW_PAYLOAD_CUT, toPayload, WHOLE_PAYLOAD } from './payload-view.js';
import type { PlanCache } from './plan-cache.js';
import { cappedCount, COUNT_LIMIT, timeOf, toErrorView, toRunRow } from './run-view.js';
import type { RunsReader } from './runs.reader.js';
import { timelineOf } from './timeline.js';

/** Units that the picture and the timeline are made of. A run with more is told by its newest. */
const NEWEST_MARKS = 5_000;
const JOURNAL_PAGE = 200;
const NEWEST_SIGNALS = 100;
const PROGRESS_ROWS = 100;
const CHILDREN = 100;
const OPERATIONS = 200;
/** All results of a run put together; above, they are read one by one. */
const WHOLE_RESULTS = 1_048_576;

/** One run in all its parts. */
export class RunReader {
  constructor(
    private readonly store: DashboardStore,
    private readonly plans: PlanCache,
    private readonly runs: RunsReader,
    private readonly defaults: ExplainDefaults,
  ) {}

  async read(id: string, viewer: Viewer): Promise<RunAnswer> {
    await viewer.demandView(await this.runs.find(id));
    const facts = await this.store.inspector.facts(id);
    // It may have been purged in between.
    const run = await viewer.demandView(facts?.run);
    const { now } = facts!;
    const [allowed, parts, parent] = await Promise.all([
      viewer.allowed(run),
      this.parts(run),
      run.parentId ? this.runs.find(run.parentId) : null,
    ]);
    const visible = allowed.includes('payload');
    const plan = await this.plans.of(run);
    const traces = { run, marks: parts.marks, attempts: parts.attempts };
    const [children, [parentRow = null]] = await Promise.all([
      this.runs.rows(parts.children, viewer),
      this.runs.rows(parent ? [parent] : [], viewer),
    ]);
    return {
      now: timeOf(now),
      run: { ...toRunRow(run, this.plans), ...(await this.details(run, traces, visible)) },
      allowed,
      actions: offeredActions(run, plan, allowed, versionsFor(run, parts.definitions)),
      explanation: explanationOf(facts!, this.defaults),
      plan,
      nodes: nodeViews(plan, traces),
      ...timelineOf(plan, traces, now),
      journal: await this.history(run, null, visible),
      signals: parts.signals.map(({ payload, sentAt, ...signal }) => {
        return { ...signal, sentAt: timeOf(sentAt), payload: toPayload(payload, `signal:${signal.id}`, visible) };
      }),
      progress: parts.progress.map(({ key, at, value }) => {
        return { key, at: timeOf(at), value: toPayload(value, `progress:${key}`, visible) };
      }),
      parent: parentRow,
      children,
      childCount: cappedCount(parts.childCount),
      operations: parts.operations.slice(-OPERATIONS).map((operation) => toOperationView(operation, visible)),
    };
  }

  async journal(id: string, after: string | null, viewer: Viewer): Promise<JournalAnswer> {
    const run = await viewer.demandView(await this.runs.find(id));
    return this.history(run, after, await viewer.may('payload', run));
  }

  /** @throws DashboardRefusal when the person may not see payloads, or there is none of that name. */
  async payload(id: string, ref: string, viewer: Viewer): Promise<PayloadAnswer> {
    const run = await viewer.demandView(await this.runs.find(id));
    await viewer.demand('payload', run);
    if (ref === 'result') {
      const payload = await this.resultOf(run, WHOLE_PAYLOAD, true);
      if (payload.state !== 'shown') throw new DashboardRefusal('not_found', 'The run has no results yet.');
      return { text: payload.text, truncated: payload.truncated, length: payload.length };
    }
    const name = payloadNameOf(ref);
    const found = name && (await this.store.payload(id, name, WHOLE_PAYLOAD));
    if (!found) throw new DashboardRefusal('not_found', 'There is no such payload.', 'of');
    const truncated = found.text.length < found.length;
    return { text: truncated ? found.text : indented(found.text), truncated, length: found.length };
  }

  private async parts(run: StoredRun) {
    const { store } = this;
    const { id } = run;
    const [marks, attempts, signals, progress, operations, children, childCount, definitions] = await Promise.all([
      store.marks(id, NEWEST_MARKS),
      store.attempts(id, NEWEST_MARKS),
      store.signals(id, NEWEST_SIGNALS, ROW_PAYLOAD_CUT),
      store.progress(id, PROGRESS_ROWS, ROW_PAYLOAD_CUT),
      store.operations({ runId: id }, OPERATIONS),
      store.search({ parentId: id }, CHILDREN),
      store.count({ parentId: id }, COUNT_LIMIT),
      store.definitions(),
    ]);
    return { marks, attempts, signals, progress, operations, children, childCount, definitions };
  }

  private async details(run: StoredRun, { marks, attempts }: Traces, visible: boolean) {
    const input = visible ? await this.store.payload(run.id, { of: 'input' }, PAYLOAD_CUT) : null;
    return {
      planHash: run.planHash,
      epoch: run.epoch,
      attempt: attemptOf(run, marks, attempts),
      deadlineAt: timeOf(run.deadlineAt),
      error: run.error && toErrorView(run.error),
      input: toPayload(input, 'input', visible),
      result: await this.resultOf(run, PAYLOAD_CUT, visible),
    };
  }

  private async resultOf(run: StoredRun, cutAt: number, visible: boolean): Promise<Payload> {
    if (!visible || run.status !== 'completed') return toPayload(null, 'result', visible);
    const rows = await this.store.results(run.id, WHOLE_RESULTS);
    if (rows) return toPayload(cutText(JSON.stringify(RunResults.of(rows).view()), cutAt), 'result', visible);
    const text = 'All results together are larger than 1 MiB. The journal has each of them.';
    return { state: 'shown', text, truncated: true, length: 0, ref: 'result' };
  }

  private async history(run: StoredRun, after: string | null, visible: boolean): Promise<JournalAnswer> {
    const { rows, next } = await this.store.history(run.id, after, JOURNAL_PAGE, ROW_PAYLOAD_CUT);
    return {
      next,
      rows: rows.map(({ kind, at, error, result, ...row }) => ({
        ...row,
        kind,
        status: kind === 'attempt' ? 'failed' : 'completed',
        at: timeOf(at),
        error: error && toErrorView(error),
        result: kind === 'attempt' ? { state: 'none' } : toPayload(result, `journal:${row.key}`, visible),
      })),
    };
  }
}

interface Traces {
  readonly marks: readonly MarkRow[];
  readonly attempts: readonly AttemptRow[];
}

export function toOperationView(operation: StoredOperation, visible: boolean): OperationView {
  const { id, runId, workflow: workflowName, version, action, at, by, reason, before, after } = operation;
  return {
    ...{ id, runId, workflowName, version, action, at: timeOf(at), by, reason },
    before: toPayload(cutText(before, ROW_PAYLOAD_CUT), `before:${id}`, visible || holdsNoPayload(before)),
    after: toPayload(cutText(after, ROW_PAYLOAD_CUT), `after:${id}`, visible || holdsNoPayload(after)),
  };
}

/** What orders record today: statuses, places, names of nodes. A field of a later release may be anything. */
const PLAIN_FIELDS = new Set([
  ...['status', 'cursor', 'paused', 'from', 'archived', 'node', 'signal', 'accepted'],
  ...['version', 'planHash', 'renames'],
]);

function holdsNoPayload(json: string | null): boolean {
  return json === null || Object.keys(JSON.parse(json) as object).every((key) => PLAIN_FIELDS.has(key));
}

/** Dates become texts on the way to the page. */
function explanationOf(facts: RunFacts, defaults: ExplainDefaults): Wire<RunExplanation> {
  return JSON.parse(JSON.stringify(explainRun(facts, defaults)));
}

/** The attempt that is in progress or comes next; see `RunSnapshot.attempt`. */
function attemptOf(run: StoredRun, marks: readonly MarkRow[], attempts: readonly AttemptRow[]): number {
  const done = new Set(marks.map(({ key }) => key));
  const latest = attempts.filter(({ key, epoch }) => !done.has(key) && epoch > run.retriedEpoch).at(-1);
  if (!latest) return 1;
  return latest.final ? latest.attempt : latest.attempt + 1;
}

/** Versions with another plan than the run's. */
function versionsFor(
  run: StoredRun,
  definitions: readonly { readonly name: string; readonly version: number; readonly hash: string }[],
): number[] {
  const others = definitions.filter(({ name, hash }) => name === run.workflow && hash !== run.planHash);
  return [...new Set(others.map(({ version }) => version))];
}

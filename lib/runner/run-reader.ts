import { isRunId } from '../common/ids.js';
import { RunNotFoundError } from '../errors/index.js';
import { explainRun } from './explain-run.js';
import type { RunExplanation } from './run-explanation.interface.js';
import type { FindOptions, ListFilter } from './run-options.interface.js';
import type { RunPage, RunSnapshot } from './run-snapshot.interface.js';
import { toRunFilter } from './run-filter.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { toSnapshot, toSummary } from './snapshot-mapper.js';

/** The half of the runner that shows runs; `DurableRunner` documents its methods. */
export class RunReader {
  constructor(private readonly backend: RunnerBackend) {}

  async find(runId: string, options: FindOptions): Promise<RunSnapshot> {
    // A malformed id is that of no run; the database would refuse it with a message about UUIDs.
    if (!isRunId(runId)) throw new RunNotFoundError(String(runId));
    await this.backend.ready();
    const { admin } = this.backend;
    // The run before its rows: one that is shown as completed is shown with all it did.
    const run = await admin.find(runId);
    if (!run) throw new RunNotFoundError(runId);
    const [journal, attempts] = await Promise.all([admin.journal(runId), admin.attempts(runId)]);
    const children = options.children ? await this.childrenOf(runId, options) : [];
    return toSnapshot({ run, journal, attempts, children, withJournal: options.journal });
  }

  async explain(runId: string): Promise<RunExplanation> {
    if (!isRunId(runId)) throw new RunNotFoundError(String(runId));
    await this.backend.ready();
    const facts = await this.backend.inspector.facts(runId);
    if (!facts) throw new RunNotFoundError(runId);
    return explainRun(facts, this.backend.defaults);
  }

  async list(filter: ListFilter): Promise<RunPage> {
    await this.backend.ready();
    const { limit, ...asked } = toRunFilter(filter);
    const runs = await this.backend.admin.list({ ...asked, limit: limit + 1 });
    const page = runs.slice(0, limit).map(toSummary);
    return Object.assign(page, { next: runs.length > limit ? page.at(-1)!.id : null });
  }

  private async childrenOf(runId: string, options: FindOptions): Promise<RunSnapshot[]> {
    const children = await this.backend.admin.children(runId);
    return Promise.all(children.map((child) => this.find(child.id, options)));
  }
}

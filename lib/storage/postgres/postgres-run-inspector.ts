import type { QueryResultRow } from 'pg';
import type { Clock } from '../../common/clock.js';
import type { JournalKind } from '../../definition/journal-key.js';
import type { PlanJson } from '../../definition/plan-json.js';
import type { RunStatus } from '../../definition/run-state.js';
import type { StoredError } from '../contract/records.js';
import type { StoredRun } from '../contract/run-admin.contract.js';
import type {
  ChildFacts,
  FailingUnit,
  JournalMark,
  RunFacts,
  RunInspector,
  WorkerFacts,
} from '../contract/run-facts.contract.js';
import type { WorkflowPause } from '../contract/run-repair.contract.js';
import type { EnginePool } from './connection/engine-pool.js';
import { toStoredRun, type RunRow } from './mapping/stored-run.mapper.js';
import { withRetry } from './retry.js';
import { MAX_ELAPSED_MS } from './run-orders.js';
import { findFacts, listHelpers, listMarks } from './sql/run-facts.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';

interface FactsRow extends RunRow {
  readonly now: Date;
  readonly plan: string | null;
  readonly pause_workflow: string | null;
  readonly pause_version: number | null;
  readonly pause_at: Date;
  readonly pause_by: string | null;
  readonly pause_reason: string | null;
  readonly order_by: string | null;
  readonly order_reason: string | null;
}

interface MarkRow {
  readonly key: string;
  readonly kind: JournalKind;
  readonly position: number | null;
  readonly wait: string | null;
  readonly failures: number;
  readonly final: boolean;
  readonly error: string;
  readonly failed_at: Date;
}

type HelperRow = WorkerFacts & {
  readonly status: RunStatus | null;
  readonly workflow: string;
  readonly version: number;
};

/** {@link RunInspector} on PostgreSQL. The queries see the run a moment apart; what they say together is a hint. */
export class PostgresRunInspector implements RunInspector {
  /** @param schema already quoted */
  constructor(
    private readonly pool: EnginePool,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  async facts(runId: string): Promise<RunFacts | null> {
    const now = this.clock.fixed();
    const [row] = await this.run<FactsRow>(findFacts(this.schema, runId, now));
    if (!row) return null;
    const run = toStoredRun(row);
    const plan = row.plan === null ? null : (JSON.parse(row.plan) as PlanJson);
    const node = plan?.nodes[run.cursor]?.name ?? null;
    const undoing = run.status === 'compensating' || run.status === 'compensation_failed';
    const workflow = `${run.workflow}@${run.version}`;
    const [marks, helpers] = await Promise.all([
      this.run<MarkRow>(listMarks(this.schema, run, node, undoing)),
      this.run<HelperRow>(listHelpers(this.schema, { ...run, workflow }, node, now)),
    ]);
    return {
      now: row.now,
      run,
      plan,
      ...journalOf(marks),
      ...helpersOf(helpers, run, row.now),
      pausedBy: run.pausedAt && { by: row.order_by, reason: row.order_reason },
      workflowPause: workflowPauseOf(row),
    };
  }

  private run<R extends QueryResultRow>(statement: SqlStatement): Promise<R[]> {
    const attempt = async (): Promise<R[]> => (await this.pool.query<R>(statement)).rows;
    return withRetry('explain a run', attempt, { maxElapsedMs: MAX_ELAPSED_MS });
  }
}

function journalOf(rows: readonly MarkRow[]): Pick<RunFacts, 'journal' | 'failing'> {
  const journal: JournalMark[] = [];
  const failing: FailingUnit[] = [];
  for (const { key, kind, position, wait, failures, final, error, failed_at: failedAt } of rows) {
    if (position !== null) journal.push({ key, kind, position, wait });
    else failing.push({ key, attempts: failures, final, error: JSON.parse(error) as StoredError, failedAt });
  }
  return { journal, failing };
}

function helpersOf(
  rows: readonly HelperRow[],
  run: StoredRun,
  now: Date,
): Pick<RunFacts, 'holder' | 'child' | 'workers'> {
  let child: ChildFacts | null = null;
  const workers: WorkerFacts[] = [];
  for (const { status, workflow, version, ...worker } of rows) {
    if (status !== null) child = { id: worker.id, workflow, version, status };
    else workers.push(worker);
  }
  const holder = workers.find(({ id }) => id === run.worker) ?? null;
  return { holder, child, workers: workers.filter(({ expiresAt }) => expiresAt > now) };
}

function workflowPauseOf(row: FactsRow): WorkflowPause | null {
  if (row.pause_workflow === null) return null;
  const {
    pause_workflow: workflow,
    pause_version: version,
    pause_at: pausedAt,
    pause_by: by,
    pause_reason: reason,
  } = row;
  return { workflow, version, pausedAt, by, reason };
}

import type { QueryResultRow } from 'pg';
import type { DataSource } from 'typeorm';
import type { Clock } from '../../common/clock.js';
import type { JournalKind } from '../../definition/journal-key.js';
import { StoreUnavailableError } from '../../errors/index.js';
import type {
  Activity,
  ActivityBucket,
  AttemptRow,
  CutPayload,
  DashboardStore,
  DefinitionRow,
  FailureGroup,
  HistoryPage,
  MarkRow,
  PlaceRuns,
  PayloadName,
  ProgressRow,
  RunMark,
  RunSearch,
  SignalRow,
  StatusCount,
  UnservedRuns,
  WaitingGroup,
  WorkerRecord,
} from '../contract/dashboard-store.contract.js';
import type { StoredError } from '../contract/records.js';
import type { StoredDefinition } from '../contract/plan-store.contract.js';
import type { StoredRun } from '../contract/run-admin.contract.js';
import type { RunInspector } from '../contract/run-facts.contract.js';
import type { StoredOperation, WorkflowPause } from '../contract/run-repair.contract.js';
import { engineConnectionConfig } from './connection/engine-connection-config.js';
import { EnginePool } from './connection/engine-pool.js';
import { toStoredRun, type RunRow } from './mapping/stored-run.mapper.js';
import { PostgresRunInspector } from './postgres-run-inspector.js';
import * as overview from './sql/dashboard/overview.sql.js';
import * as parts from './sql/dashboard/run-parts.sql.js';
import { countRuns, searchRuns } from './sql/dashboard/search-runs.sql.js';
import { listPauses } from './sql/pause-workflow.sql.js';
import { listPlaces } from './sql/plan-places.sql.js';
import { listOperations } from './sql/record-operation.sql.js';
import { nowSql } from './sql/sql-clock.sql.js';
import { quoteIdentifier } from './sql/sql-identifier.js';
import type { SqlStatement } from './sql/sql-statement.js';
import { classify } from './sqlstate.js';

/**
 * Three people at a time; a fourth waits some milliseconds. More would take connections, and the server's cores, from the
 * workers.
 */
const CONNECTIONS = 3;
/** What a person waits for. A question that takes longer is better asked with a narrower filter. */
const STATEMENT_TIMEOUT_MS = 5_000;

export interface PostgresDashboardStoreOptions {
  readonly dataSource: Pick<DataSource, 'options'>;
  readonly schema: string;
  readonly clock: Clock;
}

type CutRow<Row> = Row & CutPayload;

/** {@link DashboardStore} on PostgreSQL, on a small pool of its own that is opened with the first question. */
export class PostgresDashboardStore implements DashboardStore {
  readonly inspector: RunInspector;
  private readonly pool: EnginePool;
  private readonly schema: string;
  private readonly clock: Clock;

  constructor({ dataSource, schema, clock }: PostgresDashboardStoreOptions) {
    const config = engineConnectionConfig(dataSource);
    // Which index finds the runs of a filter follows from its values.
    const options = { role: 'dashboard', statementTimeoutMs: STATEMENT_TIMEOUT_MS, plans: 'auto' as const };
    this.pool = new EnginePool(config, options, CONNECTIONS);
    this.schema = quoteIdentifier(schema);
    this.clock = clock;
    this.inspector = new PostgresRunInspector(this.pool, this.schema, clock);
  }

  async now(): Promise<Date> {
    const statement = { name: 'dashboard-now', text: `select ${nowSql(1)} as now`, values: [this.clock.fixed()] };
    return (await this.one<{ now: Date }>('read the time', statement)).now;
  }

  async search(search: RunSearch, limit: number): Promise<readonly StoredRun[]> {
    return (await this.run<RunRow>('search runs', searchRuns(this.schema, search, limit))).map(toStoredRun);
  }

  async count(search: RunSearch, limit: number): Promise<number> {
    const counts = await this.countByStatus(search, limit);
    return Math.min(
      limit + 1,
      counts.reduce((sum, { count }) => sum + count, 0),
    );
  }

  countByStatus(search: RunSearch, limit: number): Promise<readonly StatusCount[]> {
    return this.run<StatusCount>('count runs', countRuns(this.schema, search, limit + 1));
  }

  async estimate(): Promise<number> {
    return (await this.one<{ runs: number }>('estimate runs', overview.estimateRuns(this.schema))).runs;
  }

  waiting(limit: number): Promise<readonly WaitingGroup[]> {
    return this.run('group waiting runs', overview.countWaiting(this.schema, limit, this.clock.fixed()));
  }

  async activity(window: { bucketMs: number; buckets: number }, newest: number): Promise<Activity> {
    const statement = overview.countActivity(this.schema, window, newest, this.clock.fixed());
    const rows = await this.run<ActivityBucket & Omit<Activity, 'buckets'>>('count what happened', statement);
    const facts = rows.find(({ bucket }) => bucket === null)!;
    const { now, since, completedLastMinute } = facts;
    return { now, since, completedLastMinute, buckets: rows.filter((row) => row !== facts) };
  }

  failures(since: Date, newest: number, groups: number): Promise<readonly FailureGroup[]> {
    return this.run('group failures', overview.groupFailures(this.schema, since, newest, groups));
  }

  async oldestDue(): Promise<StoredRun | null> {
    const statement = overview.findOldestDue(this.schema, this.clock.fixed());
    const [row] = await this.run<RunRow>('find the oldest due run', statement);
    return row ? toStoredRun(row) : null;
  }

  async workers(): Promise<{ readonly now: Date; readonly workers: readonly WorkerRecord[] }> {
    const statement = overview.listWorkers(this.schema, this.clock.fixed());
    const rows = await this.run<WorkerRecord & { now: Date }>('list workers', statement);
    const workers = rows.filter(({ id }) => id !== null);
    return { now: rows[0].now, workers: workers.map(({ now: _now, ...worker }) => worker) };
  }

  unserved(limit: number): Promise<readonly UnservedRuns[]> {
    return this.run('look for unserved runs', overview.countUnserved(this.schema, limit, this.clock.fixed()));
  }

  marks(runId: string, newest: number): Promise<readonly MarkRow[]> {
    return this.run('read the units of a run', parts.listUnitMarks(this.schema, runId, newest));
  }

  async attempts(runId: string, newest: number): Promise<readonly AttemptRow[]> {
    const statement = parts.listFailedAttempts(this.schema, runId, newest);
    const rows = await this.run<AttemptRow & { error: unknown }>('read the attempts of a run', statement);
    return rows.map((row) => ({ ...row, error: toError(row.error)! }));
  }

  async history(runId: string, after: string | null, limit: number, cut: number): Promise<HistoryPage> {
    const statement = parts.listHistory(this.schema, runId, placeOf(after), limit + 1, cut);
    const found = await this.run<HistoryRowOfSql>('read the journal of a run', statement);
    const rows = found.slice(0, limit).map(({ text, length, place: _place, error, ...row }) => {
      return { ...row, error: toError(error), result: text === null ? null : { text, length: length! } };
    });
    return { rows, next: found.length > limit ? textOf(found[limit - 1]) : null };
  }

  async signals(runId: string, newest: number, cut: number): Promise<readonly SignalRow[]> {
    const statement = parts.listSignals(this.schema, runId, newest, cut);
    const rows = await this.run<CutRow<Omit<SignalRow, 'payload'>>>('read the signals of a run', statement);
    return rows.map(({ text, length, ...row }) => ({ ...row, payload: { text, length } }));
  }

  async progress(runId: string, limit: number, cut: number): Promise<readonly ProgressRow[]> {
    const statement = parts.listProgress(this.schema, runId, limit, cut);
    const rows = await this.run<CutRow<Omit<ProgressRow, 'value'>>>('read the progress of a run', statement);
    return rows.map(({ text, length, ...row }) => ({ ...row, value: { text, length } }));
  }

  async payload(runId: string, name: PayloadName, cut: number): Promise<CutPayload | null> {
    const statement = parts.readPayload(this.schema, runId, name, cut);
    const [row] = await this.run<CutRow<object>>('read a payload', statement);
    return row && row.text !== null ? { text: row.text, length: row.length } : null;
  }

  async results(runId: string, limit: number): Promise<readonly ResultRow[] | null> {
    const statement = parts.listResults(this.schema, runId, limit);
    const rows = await this.run<ResultRow & { fits: boolean }>('read the results of a run', statement);
    if (!rows[0].fits) return null;
    return rows.filter(({ key }) => key !== null);
  }

  operations(
    place: { readonly runId: string } | { readonly before: string | null },
    limit: number,
  ): Promise<readonly StoredOperation[]> {
    const statement =
      'runId' in place
        ? listOperations(this.schema, place.runId)
        : parts.listAllOperations(this.schema, place.before, limit);
    return this.run<StoredOperation>('read the audit trail', statement);
  }

  places(): Promise<readonly PlaceRuns[]> {
    return this.run('count runs by plan', listPlaces(this.schema));
  }

  pauses(): Promise<readonly WorkflowPause[]> {
    return this.run('list paused workflows', listPauses(this.schema));
  }

  definitions(): Promise<readonly DefinitionRow[]> {
    return this.run('list plans', parts.listDefinitions(this.schema));
  }

  async plans(refs: readonly Pick<DefinitionRow, 'name' | 'version' | 'hash'>[]): Promise<readonly StoredDefinition[]> {
    if (refs.length === 0) return [];
    return this.run<StoredDefinition>('read plans', parts.readPlans(this.schema, refs));
  }

  async runMarks(ids: readonly string[]): Promise<readonly RunMark[]> {
    if (ids.length === 0) return [];
    return this.run<RunMark>('look for changes', parts.markRuns(this.schema, ids));
  }

  async deepMark(id: string): Promise<string | null> {
    const [row] = await this.run<{ mark: string }>('look for changes', parts.markDeeply(this.schema, id));
    return row?.mark ?? null;
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  private async one<R>(operation: string, statement: SqlStatement): Promise<R> {
    return (await this.run<R>(operation, statement))[0];
  }

  private async run<R>(operation: string, statement: SqlStatement): Promise<R[]> {
    try {
      return (await this.pool.query<QueryResultRow>(statement)).rows as R[];
    } catch (error) {
      throw classify(error) === 'transient' ? new StoreUnavailableError(operation, 1, error) : error;
    }
  }
}

interface ResultRow {
  readonly key: string;
  readonly kind: JournalKind;
  readonly result: string;
}

type HistoryRowOfSql = Omit<HistoryPage['rows'][number], 'error' | 'result'> & {
  readonly error: string | null;
  readonly text: string | null;
  readonly length: number | null;
  readonly place: string;
};

/** The place of a row in its history, as {@link parts.listHistory} orders them. */
function textOf({ place, key, position, epoch, attempt }: HistoryRowOfSql): string {
  return Buffer.from(JSON.stringify([place, `${position ?? -1}/${key}`, epoch, attempt])).toString('base64url');
}

/** `2030-01-31 10:00:00.123456+05:30` */
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/;

/** What is no place is the beginning: it comes from a URL. */
function placeOf(text: string | null): parts.HistoryPlace | null {
  if (text === null) return null;
  try {
    const [at, key, epoch, attempt] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const known = typeof at === 'string' && TIME.test(at) && typeof key === 'string';
    if (!known || !Number.isInteger(epoch) || !Number.isInteger(attempt)) return null;
    return { at, key: key.replaceAll('\0', ''), epoch: epoch as number, attempt: attempt as number };
  } catch {
    return null;
  }
}

function toError(json: unknown): StoredError | null {
  return json === null ? null : (JSON.parse(json as string) as StoredError);
}

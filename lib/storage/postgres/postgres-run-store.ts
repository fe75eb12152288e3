import type { QueryResultRow } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../../common/clock.js';
import type {
  Checkpoint,
  CheckpointOutcome,
  ChildState,
  ClaimedRun,
  NewRun,
  StartOutcome,
  StoredError,
  StoredSignal,
} from '../contract/records.js';
import type { RunStatus } from '../../definition/run-state.js';
import type {
  AcceptStart,
  CheckpointKind,
  ClaimRequest,
  ClaimResult,
  ClosedChild,
  PausedWorkflow,
  RunNews,
  RunStore,
  StoreErrorClass,
  TransactRequest,
} from '../contract/run-store.contract.js';
import type { WorkflowPause } from '../contract/run-repair.contract.js';
import { closeChildren } from './close-children.js';
import type { CheckpointConnections } from './connection/checkpoint-connections.js';
import type { EngineClient, Query } from './connection/engine-client.js';
import type { EnginePool } from './connection/engine-pool.js';
import {
  toCancelRequest,
  toClaimedRun,
  toJournalEntry,
  type CheckpointRow,
  type ClaimedRow,
  type FailureRow,
  type JournalRow,
  type ProgressRow,
  type RedoneRow,
  type RunDetails,
} from './rows.js';
import { loadRedone } from './sql/archive-journal.sql.js';
import { childState } from './sql/children.sql.js';
import { beginRun } from './sql/begin-run.sql.js';
import { checkpointUnits } from './sql/checkpoint-units.sql.js';
import { checkpointRuns } from './sql/checkpoint.sql.js';
import { claimRuns } from './sql/claim-runs.sql.js';
import { journalUnit } from './sql/journal-unit.sql.js';
import { journalLastUnit } from './sql/last-unit.sql.js';
import { inspectRuns } from './sql/inspect-runs.sql.js';
import { listPauses } from './sql/pause-workflow.sql.js';
import { settleCursors } from './sql/run-progress.sql.js';
import { nextSignal } from './sql/signals.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';
import { handBackOthers } from './sql/worker-lease.sql.js';
import { wakeParents } from './sql/wake-parents.sql.js';
import { loadFailures, loadJournal, loadProgress } from './sql/load-journal.sql.js';
import { toOutcomeOfOne, toOutcomes } from './checkpoint-outcomes.js';
import { plainResult } from './plain-result.js';
import { withRetry } from './retry.js';
import { classify, isUniqueViolation } from './sqlstate.js';
import { createdAsWanted, createRuns, type StartQuery } from './start-outcomes.js';
import type { CallerTransactions } from './caller-transactions.js';
import { TransactionalWork } from './transactional-work.js';

/** As long as a start that shares its commit is tried: a restart takes seconds, and a caller waits for an answer. */
const START_MS = 30_000;

export interface PostgresRunStoreConnections {
  readonly pool: EnginePool;
  readonly checkpoints: CheckpointConnections;
  readonly dataSource: DataSource;
  readonly callers: CallerTransactions;
}

/** {@link RunStore} on PostgreSQL: each method is one statement, apart from the journals that a claim loads. */
export class PostgresRunStore implements RunStore {
  private readonly transactions: TransactionalWork;

  constructor(
    private readonly connections: PostgresRunStoreConnections,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {
    this.transactions = new TransactionalWork(connections.dataSource, connections.pool, schema, clock);
  }

  get lanes(): Readonly<Record<CheckpointKind, number>> {
    return this.connections.checkpoints.lanes;
  }

  async insertRuns(runs: readonly NewRun[]): Promise<readonly StartOutcome[]> {
    const { pool, checkpoints } = this.connections;
    const keyed = runs.some(({ idempotencyKey }) => idempotencyKey !== null);
    // Somebody may be writing the same key in a transaction that stays open.
    const runner = keyed ? pool.patient : pool;
    const query = rowsOf(runner.query.bind(runner));
    const now = this.clock.fixed();
    try {
      const begun = beginRun(this.schema, runs, now);
      const written = begun && (await (checkpoints.useIfIdle((client) => client.query(begun)) ?? pool.query(begun)));
      if (written?.rowCount === 1) return runs.map(createdAsWanted);
      return await createRuns(this.schema, runs, now, query, !keyed);
    } catch (error) {
      if (keyed || !isUniqueViolation(error)) throw error;
      // The answer to an earlier try was lost: runs of it are there.
      return createRuns(this.schema, runs, now, query);
    }
  }

  insertRunsTogether(runs: readonly NewRun[], accept: AcceptStart): Promise<readonly StartOutcome[]> {
    const attempt = (): Promise<readonly StartOutcome[]> =>
      this.connections.pool.patient.transaction(async (query) => {
        const outcomes = await createRuns(this.schema, runs, this.clock.fixed(), rowsOf(query));
        accept(outcomes);
        return outcomes;
      });
    return withRetry('start runs', attempt, { maxElapsedMs: START_MS });
  }

  async insertRunsWithin(
    manager: EntityManager,
    runs: readonly NewRun[],
    { accept, onCommitted }: { readonly accept: AcceptStart; readonly onCommitted: () => void },
  ): Promise<readonly StartOutcome[]> {
    const transaction = this.connections.callers.of(manager, 'start');
    const work = async (): Promise<readonly StartOutcome[]> => {
      const query: StartQuery = (statement) => transaction.query(statement);
      const created = await createRuns(this.schema, runs, this.clock.fixed(), query);
      accept(created);
      return created;
    };
    // One that is refused has written nothing: no need to be able to take it back.
    const outcomes = await (runs.length === 1 ? work() : transaction.atomically(work));
    transaction.onCommitted(onCommitted);
    return outcomes;
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const { rows } = await this.connections.pool.query<ClaimedRow>(claimRuns(this.schema, request, this.clock.fixed()));
    const claimed = rows.filter((row): row is ClaimedRow & { id: string } => row.id !== null);
    // A run that was never held before has no journal, no failed attempt and no progress.
    const details = await this.loadDetails(claimed.filter((row) => row.epoch > 1));
    const runs: ClaimedRun[] = claimed.map((row) => toClaimedRun(row, details.get(row.id)));
    return { runs, nextDueInMs: rows[0].next_due_ms, now: rows[0].now };
  }

  checkpoint(kind: CheckpointKind, batch: readonly Checkpoint[]): Promise<readonly CheckpointOutcome[]> {
    return this.connections.checkpoints.use(kind, (client) => this.writeCheckpoints(client, batch));
  }

  handBackOthers(worker: string, held: readonly string[]): Promise<{ runs: number; left: number }> {
    return this.connections.pool.transaction(async (query) => {
      const { rows } = await query<{ runs: string[]; left: number }>(
        handBackOthers(this.schema, worker, held, this.clock.fixed()),
      );
      const [{ runs, left }] = rows;
      if (runs.length > 0) await query(settleCursors(this.schema, runs));
      return { runs: runs.length, left };
    });
  }

  async nextSignal(runId: string, names: readonly string[]): Promise<StoredSignal | null> {
    const { rows } = await this.connections.pool.query<StoredSignal>(nextSignal(this.schema, runId, names));
    return rows[0] ?? null;
  }

  async childState(childId: string): Promise<ChildState | null> {
    const { pool } = this.connections;
    const { rows } = await pool.query<{ id: string; status: RunStatus; error: string | null }>(
      childState(this.schema, childId),
    );
    const child = rows[0];
    if (!child) return null;
    const journal =
      child.status === 'completed' ? await pool.query<JournalRow>(loadJournal(this.schema, [childId])) : null;
    const error = child.error === null ? null : (JSON.parse(child.error) as StoredError);
    return { id: child.id, status: child.status, error, journal: journal?.rows.map(toJournalEntry) ?? [] };
  }

  closeChildren(parentId: string): Promise<readonly ClosedChild[]> {
    return closeChildren(this.connections.pool.patient, this.schema, parentId, this.clock.fixed());
  }

  plainResult(returned: unknown): unknown {
    return plainResult(returned);
  }

  async pausedWorkflows(): Promise<readonly PausedWorkflow[]> {
    return (await this.connections.pool.query<WorkflowPause>(listPauses(this.schema))).rows;
  }

  errorClass(error: unknown): StoreErrorClass {
    const found = classify(error);
    if (found === 'data') return 'rejected';
    return found === 'permanent' ? 'permanent' : 'transient';
  }

  transact(request: TransactRequest): Promise<CheckpointOutcome> {
    return this.transactions.run(request);
  }

  async inspect(runIds: readonly string[]): Promise<readonly RunNews[]> {
    const { rows } = await this.connections.pool.query<{
      id: string;
      epoch: number;
      wakeups: number;
      cancel: string | null;
      paused: boolean;
    }>(inspectRuns(this.schema, runIds));
    return rows.map((row) => ({ ...row, cancel: toCancelRequest(row.cancel) }));
  }

  private async writeCheckpoints(
    client: EngineClient,
    batch: readonly Checkpoint[],
  ): Promise<readonly CheckpointOutcome[]> {
    const written = await this.checkpointUnits(client, batch, false);
    if (written) return written;
    const statement = checkpointRuns(this.schema, batch, this.clock.fixed());
    if (batch.some(({ parentId }) => parentId !== null)) return this.checkpointChildren(client, batch, statement);
    const { rows } = await client.query<CheckpointRow>(statement);
    return toOutcomes(batch, rows);
  }

  /** `null` when the batch is of another shape, or when the other statement has to say why nothing was written. */
  private async checkpointUnits(
    client: EngineClient,
    batch: readonly Checkpoint[],
    again: boolean,
  ): Promise<readonly CheckpointOutcome[] | null> {
    const now = this.clock.fixed();
    const ofOne = journalUnit(this.schema, batch, now, again) ?? journalLastUnit(this.schema, batch, now, again);
    const statement = ofOne ?? checkpointUnits(this.schema, batch, now, again);
    if (statement === null) return null;
    try {
      const { rows, rowCount } = await client.query<CheckpointRow>(statement);
      return ofOne ? toOutcomeOfOne(batch[0], rowCount === 1) : toOutcomes(batch, rows);
    } catch (error) {
      if (again || !isUniqueViolation(error)) throw error;
      // The answer to an earlier try was lost: rows of it are there.
      return this.checkpointUnits(client, batch, true);
    }
  }

  /** Children end and their parents are woken in one transaction. */
  private checkpointChildren(
    client: EngineClient,
    batch: readonly Checkpoint[],
    statement: SqlStatement,
  ): Promise<readonly CheckpointOutcome[]> {
    const parents = batch.flatMap(({ parentId }) => parentId ?? []);
    return client.transaction(async (query) => {
      await query(wakeParents(this.schema, parents, this.clock.fixed()));
      return toOutcomes(batch, (await query<CheckpointRow>(statement)).rows);
    });
  }

  private async loadDetails(
    runs: readonly { readonly id: string; readonly retried_epoch: number }[],
  ): Promise<Map<string, RunDetails>> {
    const runIds = runs.map(({ id }) => id);
    const details = new Map<string, RunDetails>(
      runIds.map((id) => [id, { journal: [], failures: new Map(), progress: new Map(), redone: new Map() }]),
    );
    if (runIds.length === 0) return details;
    const { pool } = this.connections;
    const repaired = runs.filter(({ retried_epoch }) => retried_epoch > 0).map(({ id }) => id);
    const [journal, failures, progress, redone] = await Promise.all([
      pool.query<JournalRow>(loadJournal(this.schema, runIds)),
      pool.query<FailureRow>(loadFailures(this.schema, runIds, this.clock.fixed())),
      pool.query<ProgressRow>(loadProgress(this.schema, runIds)),
      repaired.length > 0 ? pool.query<RedoneRow>(loadRedone(this.schema, repaired)) : { rows: [] },
    ]);
    for (const row of journal.rows) details.get(row.run_id)?.journal.push(toJournalEntry(row));
    for (const { run_id, key, attempts, final, error, ago_ms } of failures.rows) {
      details.get(run_id)?.failures.set(key, { attempts, final, error: JSON.parse(error), agoMs: ago_ms });
    }
    for (const row of progress.rows) details.get(row.run_id)?.progress.set(row.key, row.value);
    for (const row of redone.rows) details.get(row.run_id)?.redone.set(row.key, row.times);
    return details;
  }
}

function rowsOf(query: Query): StartQuery {
  return async <Row extends QueryResultRow>(statement: SqlStatement) => (await query<Row>(statement)).rows;
}

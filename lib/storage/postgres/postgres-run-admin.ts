import type { QueryResultRow } from 'pg';
import type { EntityManager } from 'typeorm';
import type { Clock } from '../../common/clock.js';
import { isResumeSignal } from '../../definition/journal-key.js';
import { isTerminal, type RunStatus } from '../../definition/run-state.js';
import type { CancelRequest } from '../contract/records.js';
import type {
  CancelOutcome,
  LocatedRun,
  PurgeOptions,
  RunAddress,
  RunAdmin,
  RunFilter,
  SignalOutcome,
  SignalToSend,
  StoredAttempt,
  StoredJournalEntry,
  StoredRun,
  StoredRunWithInput,
  Within,
} from '../contract/run-admin.contract.js';
import type { CallerTransactions } from './caller-transactions.js';
import type { Query } from './connection/engine-client.js';
import type { EnginePool, StatementRunner } from './connection/engine-pool.js';
import {
  toStoredAttempt,
  toStoredJournalEntry,
  type StoredAttemptRow,
  type StoredJournalRow,
} from './mapping/stored-journal.mapper.js';
import { toStoredRun, toStoredRunWithInput, type RunRow, type RunWithInputRow } from './mapping/stored-run.mapper.js';
import { withRetry } from './retry.js';
import { MAX_ELAPSED_MS, RunOrders } from './run-orders.js';
import { cancelPending, requestCancel } from './sql/cancel-run.sql.js';
import { findEnded } from './sql/find-ended.sql.js';
import { findRun } from './sql/find-run.sql.js';
import { listAttempts, listJournal } from './sql/list-journal.sql.js';
import { listChildren, listRuns } from './sql/list-runs.sql.js';
import { locateRun } from './sql/locate-run.sql.js';
import { purgeRuns } from './sql/purge-runs.sql.js';
import { sendSignal } from './sql/signals.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';

interface SignalRow extends Omit<SignalOutcome, 'runId'> {
  readonly id: string;
}

export interface PostgresRunAdminConnections {
  /** For what applications ask of a run. */
  readonly pool: EnginePool;
  /** For what goes through many runs and may take its time. */
  readonly admin: EnginePool;
}

/**
 * {@link RunAdmin} on PostgreSQL, on connections of the engine: an answer does not depend on a free connection of the
 * application's pool, comes from the primary, and has payloads as the text that was stored.
 *
 * While the database is away every call repeats itself for ten seconds, then throws `StoreUnavailableError`.
 */
export class PostgresRunAdmin implements RunAdmin {
  private readonly orders: RunOrders;

  /** @param schema already quoted */
  constructor(
    private readonly connections: PostgresRunAdminConnections,
    private readonly schema: string,
    private readonly clock: Clock,
    private readonly callers: CallerTransactions,
  ) {
    this.orders = new RunOrders(connections.pool.patient, schema, clock);
  }

  async find(runId: string): Promise<StoredRunWithInput | null> {
    const [row] = await this.run<RunWithInputRow>('read a run', findRun(this.schema, runId));
    return row ? toStoredRunWithInput(row) : null;
  }

  async list(filter: RunFilter): Promise<readonly StoredRun[]> {
    return (await this.run<RunRow>('list runs', listRuns(this.schema, filter), this.connections.admin)).map(
      toStoredRun,
    );
  }

  async children(runId: string): Promise<readonly StoredRun[]> {
    return (await this.run<RunRow>('list the children of a run', listChildren(this.schema, runId))).map(toStoredRun);
  }

  async journal(runId: string): Promise<readonly StoredJournalEntry[]> {
    const rows = await this.run<StoredJournalRow>('read the journal of a run', listJournal(this.schema, runId));
    return rows.map(toStoredJournalEntry);
  }

  async attempts(runId: string): Promise<readonly StoredAttempt[]> {
    const rows = await this.run<StoredAttemptRow>('read the attempts of a run', listAttempts(this.schema, runId));
    return rows.map(toStoredAttempt);
  }

  async ended(runIds: readonly string[]): Promise<readonly { readonly id: string; readonly status: RunStatus }[]> {
    if (runIds.length === 0) return [];
    return this.run<{ id: string; status: RunStatus }>('look for ended runs', findEnded(this.schema, runIds));
  }

  /**
   * By the run's state, on the row that is locked:
   *
   * | state | what happens | accepted |
   * |---|---|---|
   * | ended | nothing | no |
   * | a cancel was asked for before | nothing; the first request counts, and its holder may be told again | yes |
   * | `compensating` after a failure | nothing: what it did is being undone, and it ends as failed | no |
   * | `pending`, not held, no parent, nothing journaled | `canceled` at once | yes |
   * | held | the request is stored; the holder sees it at its next checkpoint, or when it is told | yes |
   * | parked, or `pending` with something to undo or a parent to tell | the request is stored, the run is due | yes |
   */
  async cancel(runId: string, request: CancelRequest, by: string | null = null): Promise<CancelOutcome | null> {
    return this.orders.give('cancel a run', runId, async ({ query, run, record }) => {
      const { status, cursor, worker_id: worker, queue } = run;
      if (isTerminal(status)) return { accepted: false, status, worker: null, queue: null };
      const due = worker === null ? queue : null;
      if (run.canceling) return { accepted: true, status, worker, queue: due };
      if (status === 'compensating') return { accepted: false, status, worker: null, queue: null };
      const now = this.clock.fixed();
      const recordAs = (after: RunStatus): Promise<void> =>
        record(
          'cancel',
          { by, reason: request.reason },
          { before: { status, cursor }, after: { status: after, cursor } },
        );
      if (status === 'pending' && worker === null && run.parent_id === null) {
        const { rows } = await query(cancelPending(this.schema, run, request, now));
        if (rows.length > 0) {
          await recordAs('canceled');
          return { accepted: true, status: 'canceled', worker: null, queue: null };
        }
      }
      await query(requestCancel(this.schema, run, request, now));
      await recordAs(status);
      return { accepted: true, status, worker, queue: due };
    });
  }

  async locate(target: RunAddress, manager?: EntityManager): Promise<LocatedRun | null> {
    const statement = locateRun(this.schema, target);
    const [row] = manager
      ? await this.callers.of(manager, 'signal').query<LocatedRun>(statement)
      : await this.run<LocatedRun & QueryResultRow>('find a run', statement);
    return row ?? null;
  }

  async signal(signal: SignalToSend, within?: Within): Promise<SignalOutcome | null> {
    const statement = sendSignal(this.schema, signal, this.clock.fixed());
    const transaction = within && this.callers.of(within.manager, 'signal');
    const [row] = transaction
      ? await transaction.query<SignalRow>(statement)
      : signal.by
        ? await this.orders.within('send a signal', (query) => this.signalByHand(query, signal, statement))
        : await this.run<SignalRow>('send a signal', statement, this.connections.pool.patient);
    if (!row) return null;
    if (within) transaction!.onCommitted(within.onCommitted);
    const { id: runId, status, queue, accepted, stored } = row;
    return { runId, status, queue, accepted, stored };
  }

  /** What an operator sends stands in the audit trail; what is asked of a run that has ended does not happen. */
  private async signalByHand(query: Query, signal: SignalToSend, statement: SqlStatement): Promise<SignalRow[]> {
    const { rows } = await query<SignalRow>(statement);
    if (!rows[0]?.stored) return rows;
    const { record, run } = (await this.orders.open(query, rows[0].id))!;
    const resumes = isResumeSignal(signal.name);
    const { status, cursor } = run;
    const taken = resumes ? {} : { signal: signal.name };
    const change = { before: { status, cursor }, after: { status, cursor, ...taken, accepted: rows[0].accepted } };
    await record(resumes ? 'resume' : 'signal', { by: signal.by ?? null, reason: null }, change);
    return rows;
  }

  async purge(options: PurgeOptions): Promise<number> {
    const { finishedBefore, batchSize: limit } = options;
    const status = options.status.filter(isTerminal);
    let after: string | null = null;
    for (let deleted = 0; ;) {
      const statement: SqlStatement = purgeRuns(
        this.schema,
        { finishedBefore, status, limit, after },
        this.clock.fixed(),
      );
      const rows: { id: string }[] = await this.run<{ id: string }>('purge runs', statement, this.connections.admin);
      deleted += rows.length;
      options.onBatch?.(deleted);
      if (rows.length < limit) return deleted;
      after = rows.reduce((last, row) => (row.id > last ? row.id : last), '');
    }
  }

  private async run<R extends QueryResultRow>(
    operation: string,
    statement: SqlStatement,
    on: StatementRunner = this.connections.pool,
  ): Promise<R[]> {
    const attempt = async (): Promise<R[]> => (await on.query<R>(statement)).rows;
    return withRetry(operation, attempt, { maxElapsedMs: MAX_ELAPSED_MS });
  }
}

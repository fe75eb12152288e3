import type { DataSource, QueryRunner } from 'typeorm';
import type { Clock } from '../../common/clock.js';
import { settledWithin } from '../../common/settled-within.js';
import { CheckpointRejectedError, TransactionNotCommittedError } from '../../errors/index.js';
import type { Checkpoint, CheckpointOutcome } from '../contract/records.js';
import { WorkFailedError, type TransactRequest } from '../contract/run-store.contract.js';
import type { EnginePool } from './connection/engine-pool.js';
import { toOutcomes } from './checkpoint-outcomes.js';
import { withRetry } from './retry.js';
import { toCancelRequest, type CheckpointRow } from './rows.js';
import { checkpointRuns } from './sql/checkpoint.sql.js';
import { findCommit, lockRun } from './sql/resolve-commit.sql.js';
import { wakeParents } from './sql/wake-parents.sql.js';
import { classify, isTransactionAborted, sqlState } from './sqlstate.js';
import { withoutValues } from './without-values.js';

/** The part of node-postgres' client that TypeORM hands out. */
interface RawClient {
  query(text: string, values?: unknown[]): Promise<{ command: string; rows: unknown[] }>;
  /** Closes the connection, at once when a statement is still running. */
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

type TransactionEvent = 'AfterTransactionCommit' | 'BeforeTransactionRollback' | 'AfterTransactionRollback';

/** The transaction of one try, as the server knows it. */
interface ServerTransaction {
  readonly client: RawClient;
  /** `now()` is the start of the transaction, to the microsecond: two transactions of one connection never share it. */
  readonly began: string;
  readonly pid: number;
  /** What its connection ended with while nothing ran on it. The query runner is released then, as if by the step. */
  readonly broken: () => Error | null;
  /** Takes back what watches the connection, which the next transaction uses as well. */
  readonly close: () => void;
}

interface CommitRow {
  readonly written: boolean;
  readonly wakeups: number;
  readonly cancel: string | null;
  readonly paused: boolean;
}

/**
 * Times a transaction is run again after a serialization failure or a deadlock. PostgreSQL's manual asks applications to
 * retry and gives no number; five clears what two or three concurrent writers do to each other, and a hot spot that
 * needs more is better off in the step's own backoff than in a tight loop.
 */
const MAX_CONFLICT_RETRIES = 5;
/** First pause between two tries; doubled each time, with full jitter. Long enough for the other side to commit. */
const CONFLICT_PAUSE_MS = 10;
/**
 * What a rollback may take. It waits for the statement that an abandoned step left running, which may be waiting for a
 * lock for ever; anything that has not come back by then is cancelled.
 */
const ROLLBACK_MS = 500;
/** How long the outcome of a cut COMMIT is asked for: a server that restarts is back within. */
const READ_BACK_MS = 60_000;

/**
 * Runs a step and its checkpoint in one transaction of the application's pool.
 *
 * Guarantees: what `work` wrote and the checkpoint commit together or not at all, whatever `work` did to the
 * transaction in between (it is refused when `work` ended the transaction itself), whoever took the run over meanwhile
 * (the run row is locked with its epoch as the last statement), and however the connection ends (an unknown commit is
 * read back once the server has settled it).
 */
export class TransactionalWork {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pool: EnginePool,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  async run(request: TransactRequest): Promise<CheckpointOutcome> {
    for (let retry = 0; ; retry++) {
      try {
        return await this.once(request);
      } catch (error) {
        const thrown = error instanceof WorkFailedError ? error.thrown : error;
        if (classify(thrown) !== 'conflict' || retry === MAX_CONFLICT_RETRIES) throw error;
        await pause(CONFLICT_PAUSE_MS * 2 ** retry * Math.random());
      }
    }
  }

  private async once({ isolation, work, runId }: TransactRequest): Promise<CheckpointOutcome> {
    const runner = this.dataSource.createQueryRunner();
    let transaction: ServerTransaction | null = null;
    let committed = false;
    try {
      await runner.startTransaction(isolation);
      transaction = await serverTransaction((await runner.connect()) as RawClient);
      const checkpoint = await work(runner.manager);
      if (runner.isReleased) {
        throw transaction.broken() ?? new TransactionNotCommittedError(runId, keyOf(checkpoint), null);
      }
      const outcome = await this.writeCheckpoint(transaction, checkpoint);
      if (outcome.outcome === 'busy') throw new TransactionNotCommittedError(runId, keyOf(checkpoint), null);
      if (outcome.outcome === 'lost') return outcome;
      await runner.broadcaster.broadcast('BeforeTransactionCommit');
      const settled = await this.commit(transaction, checkpoint, outcome);
      committed = true;
      await broadcastSafely(runner, 'AfterTransactionCommit');
      return settled;
    } finally {
      if (transaction && !committed && !runner.isReleased) await this.rollBack(runner, transaction);
      transaction?.close();
      await runner.release().catch(() => undefined);
    }
  }

  private async writeCheckpoint(
    { client, began }: ServerTransaction,
    checkpoint: Checkpoint,
  ): Promise<CheckpointOutcome> {
    const now = this.clock.fixed();
    const { text, values } = checkpointRuns(this.schema, [checkpoint], now, { began });
    try {
      if (checkpoint.parentId !== null) {
        const wake = wakeParents(this.schema, [checkpoint.parentId], now);
        await client.query(wake.text, [...wake.values]);
      }
      const { rows } = await client.query(text, [...values]);
      return toOutcomes([checkpoint], (rows as CheckpointRow[]).map(jsonAsText))[0];
    } catch (raised) {
      const error = withoutValues(raised);
      if (classify(error) === 'data') throw new CheckpointRejectedError(error);
      if (isTransactionAborted(error)) {
        throw new TransactionNotCommittedError(checkpoint.runId, keyOf(checkpoint), 'ROLLBACK');
      }
      throw error;
    }
  }

  private async commit(
    { client }: ServerTransaction,
    checkpoint: Checkpoint,
    outcome: CheckpointOutcome,
  ): Promise<CheckpointOutcome> {
    let command: string;
    try {
      ({ command } = await client.query('COMMIT'));
    } catch (raised) {
      const error = withoutValues(raised);
      if (sqlState(error) !== null && classify(error) !== 'transient') throw error;
      return this.readBack(checkpoint, outcome, error);
    }
    // COMMIT of an aborted transaction resolves without an error; only its tag tells.
    if (command !== 'COMMIT') throw new TransactionNotCommittedError(checkpoint.runId, keyOf(checkpoint), command);
    return outcome;
  }

  /**
   * The connection ended during COMMIT: waits until the server has settled it, then looks for the journal row.
   *
   * @throws StoreUnavailableError when the server could not be asked. Whether the step was committed is not known then.
   */
  private async readBack(
    checkpoint: Checkpoint,
    { outcome }: CheckpointOutcome,
    cause: unknown,
  ): Promise<CheckpointOutcome> {
    const ask = (): Promise<CommitRow[]> =>
      this.pool.transaction(async (query) => {
        await query(lockRun(this.schema, checkpoint.runId));
        return (await query<CommitRow>(findCommit(this.schema, checkpoint.runId, keyOf(checkpoint)))).rows;
      });
    const [row] = await withRetry('find out whether a step was committed', ask, { maxElapsedMs: READ_BACK_MS });
    if (!row?.written) throw cause;
    const { wakeups, paused } = row;
    // The move may have been refused in the transaction: its row is there all the same.
    const news = { wakeups, cancel: toCancelRequest(row.cancel), paused };
    return { outcome: outcome === 'woken' ? 'woken' : 'committed', ...news };
  }

  /**
   * Ends the transaction, whatever the step left running in it. By hand, because the query runner would only go back to
   * the savepoint that an abandoned step is in. A connection that had to be interrupted is not used again: the
   * interruption might reach its next statement.
   */
  private async rollBack(runner: QueryRunner, { client, pid }: ServerTransaction): Promise<void> {
    await broadcastSafely(runner, 'BeforeTransactionRollback');
    const rolledBack = client.query('ROLLBACK');
    if (await succeedsWithin(rolledBack, ROLLBACK_MS)) return broadcastSafely(runner, 'AfterTransactionRollback');
    await this.pool.query({ text: 'select pg_cancel_backend($1)', values: [pid] }).catch(() => undefined);
    await settledWithin(rolledBack, ROLLBACK_MS);
    client.end().catch(() => undefined);
  }
}

function keyOf(checkpoint: Checkpoint): string {
  return checkpoint.journal[0]?.key ?? '';
}

async function serverTransaction(client: RawClient): Promise<ServerTransaction> {
  let broken: Error | null = null;
  const onError = (error: Error): void => {
    broken ??= error;
  };
  const close = (): unknown => client.removeListener('error', onError);
  client.on('error', onError);
  try {
    const { rows } = await client.query('select now()::text as began, pg_backend_pid() as pid');
    return { client, ...(rows[0] as { began: string; pid: number }), broken: () => broken, close };
  } catch (error) {
    close();
    client.end().catch(() => undefined);
    throw error;
  }
}

/** What the application's subscribers throw when the transaction has ended does not change how it ended. */
async function broadcastSafely(runner: QueryRunner, event: TransactionEvent): Promise<void> {
  await runner.broadcaster.broadcast(event).catch(() => undefined);
}

async function succeedsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const succeeded = work.then(
    () => true,
    () => false,
  );
  return (await settledWithin(succeeded, ms)) && succeeded;
}

/** The application's pool parses `json`; the mapping expects text. */
function jsonAsText(row: CheckpointRow): CheckpointRow {
  return typeof row.cancel === 'object' && row.cancel !== null ? { ...row, cancel: JSON.stringify(row.cancel) } : row;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

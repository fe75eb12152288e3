import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Clock } from '../../common/clock.js';
import { settledWithin } from '../../common/settled-within.js';
import { unlessAborted } from '../../common/unless-aborted.js';
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
import { StepTransaction } from './step-transaction.js';
import { withoutValues } from './without-values.js';

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
 * How long a COMMIT that is under way when the time is up may still take. Breaking it off costs a connection and a look at
 * the journal; waiting for one whose answer was lost costs a slot.
 */
const COMMIT_MS = 1_000;
/** How long the outcome of a cut COMMIT is asked for: a server that restarts is back within. */
const READ_BACK_MS = 60_000;

/**
 * Runs a step and its checkpoint in one transaction of the application's pool.
 *
 * Guarantees: what `work` wrote and the checkpoint commit together or not at all, whatever `work` did to the
 * transaction in between (it is refused when `work` ended the transaction itself), whoever took the run over meanwhile
 * (the run row is locked with its epoch as the last statement), and however the connection ends (an unknown commit is
 * read back once the server has settled it). Whatever is waited for is waited for until the signal is aborted, and nothing
 * is written after that; a COMMIT that is under way then is settled.
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
        await unlessAborted(delay(CONFLICT_PAUSE_MS * 2 ** retry * Math.random()), request.signal);
      }
    }
  }

  private async once(request: TransactRequest): Promise<CheckpointOutcome> {
    const { work, runId, signal } = request;
    const transaction = await StepTransaction.begin(this.dataSource, request, (pid) => this.terminate(pid));
    try {
      const checkpoint = await work(transaction.manager);
      if (transaction.isReleased) {
        throw transaction.error ?? new TransactionNotCommittedError(runId, keyOf(checkpoint), null);
      }
      const outcome = await unlessAborted(this.writeCheckpoint(transaction, checkpoint), signal);
      if (outcome.outcome === 'busy') throw new TransactionNotCommittedError(runId, keyOf(checkpoint), null);
      if (outcome.outcome === 'lost') return outcome;
      await unlessAborted(transaction.beforeCommit(), signal);
      const settled = await this.commit(transaction, { checkpoint, outcome, signal });
      await transaction.afterCommit();
      return settled;
    } finally {
      await transaction.close();
    }
  }

  private async writeCheckpoint(transaction: StepTransaction, checkpoint: Checkpoint): Promise<CheckpointOutcome> {
    const now = this.clock.fixed();
    try {
      if (checkpoint.parentId !== null) await transaction.query(wakeParents(this.schema, [checkpoint.parentId], now));
      const rows = await transaction.query(checkpointRuns(this.schema, [checkpoint], now, transaction));
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
    transaction: StepTransaction,
    { checkpoint, outcome, signal }: { checkpoint: Checkpoint; outcome: CheckpointOutcome; signal: AbortSignal },
  ): Promise<CheckpointOutcome> {
    const committing = transaction.commit();
    let command: string;
    try {
      command = await unlessAborted(committing, signal).catch(async () => {
        if (signal.aborted && !(await settledWithin(committing, COMMIT_MS))) await transaction.breakOff();
        return committing;
      });
    } catch (raised) {
      const error = withoutValues(raised);
      if (sqlState(error) !== null && classify(error) !== 'transient') throw error;
      return this.readBack(checkpoint, outcome, signal.aborted ? signal.reason : error);
    }
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
      this.pool.patient.transaction(async (query) => {
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

  private terminate(pid: number): Promise<unknown> {
    return this.pool.query({ text: 'select pg_terminate_backend($1)', values: [pid] });
  }
}

function keyOf(checkpoint: Checkpoint): string {
  return checkpoint.journal[0]?.key ?? '';
}

/** The application's pool parses `json`; the mapping expects text. */
function jsonAsText(row: CheckpointRow): CheckpointRow {
  return typeof row.cancel === 'object' && row.cancel !== null ? { ...row, cancel: JSON.stringify(row.cancel) } : row;
}

import type { Awaitable } from '../../common/awaitable.js';
import { toStoredError } from '../../common/stored-error.js';
import { CheckpointRejectedError } from '../../errors/index.js';
import type { FailedAttempt, StoredError } from '../../storage/contract/records.js';
import type { AttemptRunner, Succeeded } from './attempt-runner.js';
import { originalError, owedUndos, type OwedUndo } from './compensation.js';
import type { Family } from './family.js';
import type { Interruptions } from './interruptions.js';
import { journalEntry } from './journal-entry.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import type { TransactionalAttempts, TransactionalResult } from './transactional-attempts.js';
import { end, handBack, undone } from './transition.js';

export interface CompensatorServices {
  readonly writer: SessionWriter;
  readonly attempts: AttemptRunner;
  readonly transactions: TransactionalAttempts;
  readonly interruptions: Interruptions;
  readonly family: Family;
}

/**
 * Undoes what a run has done, one undo after the other, the last unit first. An undo is a unit like any other: attempted,
 * retried and journaled under a key of its own; that of a transactional step commits together with its row.
 */
export class Compensator {
  constructor(private readonly services: CompensatorServices) {}

  /** Ends the run as failed or canceled once everything is undone. Resolves with true while the run is held and goes on. */
  async compensate(session: RunSession): Promise<boolean> {
    const { writer, interruptions, family } = this.services;
    await family.close(session);
    const owed = session.cancel?.compensate === false ? [] : owedUndos(session);
    for (const undo of owed) {
      if (interruptions.letsGo(session)) return writer.commit(session, handBack(session));
      if (!(await this.undo(session, undo))) return false;
    }
    const status = session.cancel ? 'canceled' : 'failed';
    return writer.commit(session, end(session, status, { error: originalError(session) }));
  }

  /** Gives the compensation up. The run shows what went wrong last; its cause is what the run was undone for. */
  failed(session: RunSession, failure: StoredError, attempts: readonly FailedAttempt[] = []): Promise<boolean> {
    const original = originalError(session);
    const error = original ? { ...failure, cause: original } : failure;
    return this.services.writer.commit(session, end(session, 'compensation_failed', { error, attempts }));
  }

  private async undo(session: RunSession, undo: OwedUndo): Promise<boolean> {
    const { writer } = this.services;
    for (;;) {
      const result = await this.attempt(session, undo);
      if (result.outcome === 'abandoned') return false;
      if (result.outcome === 'written') return writer.take(session, result.checkpoint, result.written);
      if (result.outcome === 'succeeded') return this.journal(session, undo, result);
      const { failure, retryInMs } = result;
      if (retryInMs === null) return this.failed(session, failure.error, [failure]);
      if (!(await writer.commitRetry(session, [failure], retryInMs))) return false;
    }
  }

  private attempt(
    session: RunSession,
    { key, unit, transactional }: OwedUndo,
  ): Awaitable<TransactionalResult | Succeeded> {
    const { attempts, transactions } = this.services;
    if (transactional === false) return attempts.attempt(session, unit);
    return transactions.attempt(session, unit, transactional, (result) => {
      return undone(session, journalEntry(session, 'undo', key, result), false);
    });
  }

  /** What the database refuses to store of an undo is its failure, and for good. */
  private async journal(session: RunSession, { key }: OwedUndo, result: Succeeded): Promise<boolean> {
    const entry = journalEntry(session, 'undo', key, result);
    try {
      return await this.services.writer.commit(session, undone(session, entry, false));
    } catch (error) {
      if (session.lost || !(error instanceof CheckpointRejectedError)) throw error;
      return this.failed(session, toStoredError(error, key));
    }
  }
}

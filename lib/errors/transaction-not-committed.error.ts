import { DurableError } from './durable.error.js';

/** A transactional step ran to its end, but its transaction could not be committed with the journal row: nothing was journaled. */
export class TransactionNotCommittedError extends DurableError {
  static override readonly code: string = 'DURABLE_TRANSACTION_NOT_COMMITTED';

  constructor(
    readonly runId: string,
    readonly step: string,
    /** What the server answered to COMMIT, e.g. `ROLLBACK`; `null` when the step had ended the transaction itself. */
    readonly tag: string | null,
  ) {
    const subject = `The transaction of step "${step}" of run ${runId}`;
    super(
      TransactionNotCommittedError.code,
      tag === null
        ? `${subject} was ended by the step itself, so it cannot commit with the journal row. Leave COMMIT, ROLLBACK and release() to the engine; use manager.transaction for a part that may fail.`
        : `${subject} was not committed: the server answered ${tag}. A statement in it failed and its error was caught; let it reject, or use a savepoint (manager.transaction inside).`,
    );
  }
}

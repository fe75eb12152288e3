import { DurableError } from './durable.error.js';

/** `ctx.manager` was used outside a transactional step. */
export class NotTransactionalError extends DurableError {
  static override readonly code: string = 'DURABLE_NOT_TRANSACTIONAL';

  constructor(readonly step: string) {
    super(
      NotTransactionalError.code,
      `Step "${step}" has no transaction, so ctx.manager is not available. Declare it with @Step({ transactional: true }), or inject a repository of your own.`,
    );
  }
}

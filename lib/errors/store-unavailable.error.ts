import { DurableError } from './durable.error.js';
import { because } from './because.js';

/** The database could not be reached, or kept failing, for as long as the operation was retried. Its outcome is unknown. */
export class StoreUnavailableError extends DurableError {
  static override readonly code: string = 'DURABLE_STORE_UNAVAILABLE';

  constructor(
    /** E.g. `start a run`. */
    readonly operation: string,
    readonly attempts: number,
    cause: unknown,
  ) {
    super(
      StoreUnavailableError.code,
      `Could not ${operation}: the database failed ${attempts === 1 ? 'once' : `${attempts} times`}${because(cause)}. Nothing may have been written, or all of it; repeating the call with an idempotency key is safe.`,
      { cause },
    );
  }
}

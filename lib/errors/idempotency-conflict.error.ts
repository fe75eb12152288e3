import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** The idempotency key belongs to a run that was started with another input. Nothing was started. */
export class IdempotencyConflictError extends DurableError {
  static override readonly code: string = 'DURABLE_IDEMPOTENCY_CONFLICT';

  constructor(
    readonly workflow: string,
    readonly key: string,
    /** The run that has the key. */
    readonly runId: string,
  ) {
    super(
      IdempotencyConflictError.code,
      `Workflow "${workflow}" already has run ${runId} under idempotency key ${showValue(key)}, with another input. Use a new key for new work, or repeat the call with the same input to get that run.`,
    );
  }
}

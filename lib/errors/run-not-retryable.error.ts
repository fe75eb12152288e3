import { DurableError } from './durable.error.js';
import type { RunStatus } from '../definition/run-state.js';

/** `retry` was asked for a run that it cannot bring back. */
export class RunNotRetryableError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_NOT_RETRYABLE';

  constructor(
    readonly runId: string,
    readonly status: RunStatus,
    readonly reason: string,
  ) {
    super(RunNotRetryableError.code, `Run ${runId} is ${status} and cannot be retried: ${reason}.`);
  }
}

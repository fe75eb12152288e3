import { DurableError } from './durable.error.js';
import type { RunStatus } from '../definition/run-state.js';

/** `skip` was asked for a node whose result cannot be given by hand now. Nothing was written. */
export class RunNotSkippableError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_NOT_SKIPPABLE';

  constructor(
    readonly runId: string,
    readonly node: string,
    readonly status: RunStatus,
    readonly reason: string,
  ) {
    super(RunNotSkippableError.code, `Node "${node}" of run ${runId} (${status}) cannot be skipped: ${reason}.`);
  }
}

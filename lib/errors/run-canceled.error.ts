import { DurableError } from './durable.error.js';

/** The run was canceled. Also the abort reason of a step that was running then. */
export class RunCanceledError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_CANCELED';

  constructor(
    readonly runId: string,
    readonly reason: string | null = null,
  ) {
    super(RunCanceledError.code, `Run ${runId} was canceled${reason === null ? '' : `: ${reason}`}.`);
  }
}

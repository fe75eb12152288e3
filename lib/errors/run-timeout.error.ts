import { DurableError } from './durable.error.js';

/** The run did not end within the `timeout` that it was started with. */
export class RunTimeoutError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_TIMEOUT';

  constructor(
    readonly runId: string,
    readonly timeoutMs?: number,
  ) {
    super(
      RunTimeoutError.code,
      `Run ${runId} did not end within its timeout${timeoutMs === undefined ? '' : ` of ${timeoutMs} ms`}. Start it with a longer one if the work needs it.`,
    );
  }
}

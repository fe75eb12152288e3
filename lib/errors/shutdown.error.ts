import { DurableError } from './durable.error.js';

/** This process shuts down. The abort reason of steps that did not end in time; the run is handed back. */
export class ShutdownError extends DurableError {
  static override readonly code: string = 'DURABLE_SHUTDOWN';

  constructor(readonly runId: string) {
    super(
      ShutdownError.code,
      `Run ${runId} was interrupted because this process shuts down. Another worker, or the next start, goes on with it.`,
    );
  }
}

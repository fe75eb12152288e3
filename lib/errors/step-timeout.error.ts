import { DurableError } from './durable.error.js';

/** One attempt of a step took longer than its timeout. Its `abortSignal` was aborted; other attempts may follow. */
export class StepTimeoutError extends DurableError {
  static override readonly code: string = 'DURABLE_STEP_TIMEOUT';

  constructor(
    readonly step: string,
    readonly timeoutMs: number,
  ) {
    super(
      StepTimeoutError.code,
      `Step "${step}" took longer than ${timeoutMs} ms. Let it stop at ctx.abortSignal, split it, or raise its timeout (module option jobTimeout).`,
    );
  }
}

import { DurableError } from './durable.error.js';

/** The run had not ended when the caller stopped waiting. The run itself goes on. */
export class ResultTimeoutError extends DurableError {
  static override readonly code: string = 'DURABLE_RESULT_TIMEOUT';

  constructor(
    readonly runId: string,
    readonly timeoutMs: number,
  ) {
    super(
      ResultTimeoutError.code,
      `Run ${runId} had not ended after ${timeoutMs} ms of waiting. It goes on: wait again with runner.result('${runId}'), or see runner.explain('${runId}').`,
    );
  }
}

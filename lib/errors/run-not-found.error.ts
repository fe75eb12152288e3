import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** No run has this id: it never existed, or it was purged. */
export class RunNotFoundError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_NOT_FOUND';

  constructor(readonly runId: string) {
    super(
      RunNotFoundError.code,
      `There is no run ${showValue(runId)}. Check the id; finished runs may have been purged.`,
    );
  }
}

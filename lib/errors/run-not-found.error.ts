import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** No run has this id, or this key: it never existed, or it was purged. */
export class RunNotFoundError extends DurableError {
  static override readonly code: string = 'DURABLE_RUN_NOT_FOUND';

  /**
   * @param runId its id; an idempotency key where it was looked for by one.
   * @param workflow the workflow that has no run of that key.
   */
  constructor(
    readonly runId: string,
    readonly workflow?: string,
  ) {
    super(RunNotFoundError.code, `${describe(runId, workflow)}; finished runs may have been purged.`);
  }
}

function describe(id: string, workflow: string | undefined): string {
  if (workflow === undefined) return `There is no run ${showValue(id)}. Check the id`;
  const key = `idempotency key ${showValue(id)}`;
  return `There is no run of workflow ${showValue(workflow)} with the ${key}. Check both`;
}

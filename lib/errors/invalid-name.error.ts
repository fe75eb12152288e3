import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** A name (of a workflow, node, signal, queue, schema, or an idempotency key) cannot be used. */
export class InvalidNameError extends DurableError {
  static override readonly code: string = 'DURABLE_INVALID_NAME';

  /** The value as the message shows it. */
  readonly value: string;

  /**
   * @param what the kind of name, e.g. `node name`.
   * @param reason what is wrong and what is allowed, without a full stop.
   */
  constructor(
    readonly what: string,
    value: unknown,
    readonly reason: string,
  ) {
    const shown = showValue(value);
    super(InvalidNameError.code, `Invalid ${what} ${shown}: ${reason}.`);
    this.value = shown;
  }
}

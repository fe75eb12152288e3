import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** A duration is not one, or lies outside what PostgreSQL's calendar can hold. */
export class InvalidDurationError extends DurableError {
  static override readonly code: string = 'DURABLE_INVALID_DURATION';

  /** The value as the message shows it. */
  readonly value: string;

  /**
   * @param where what the duration is for, e.g. `option pollInterval` or `sleep "coolingOff"`.
   * @param expectation what it must be, continuing "expected".
   */
  constructor(
    value: unknown,
    readonly where: string,
    readonly expectation: string = 'a duration such as "30s", or milliseconds',
  ) {
    const shown = showValue(value);
    super(InvalidDurationError.code, `Invalid duration for ${where}: got ${shown}, expected ${expectation}.`);
    this.value = shown;
  }
}

import { DurableError } from './durable.error.js';
import { showValue } from './show-value.js';

/** An option has a value that it cannot have. Names the option, the value and what is expected. */
export class InvalidOptionError extends DurableError {
  static override readonly code: string = 'DURABLE_INVALID_OPTION';

  /** The value as the message shows it: shortened, without the contents of objects and without credentials. */
  readonly value: string;

  /**
   * @param option its path, e.g. `worker.concurrency`.
   * @param expectation what it must be, continuing "expected": `an integer from 1 to 10000`.
   * @param options.shown what to say instead of the value, e.g. because it may be a secret.
   */
  constructor(
    readonly option: string,
    value: unknown,
    readonly expectation: string,
    options?: { readonly cause?: unknown; readonly shown?: string; readonly message?: string; readonly code?: string },
  ) {
    const shown = options?.shown ?? showValue(value);
    super(
      options?.code ?? InvalidOptionError.code,
      options?.message ?? `Invalid option ${option}: got ${shown}, expected ${expectation}.`,
      options,
    );
    this.value = shown;
  }
}

import { DurableError } from './durable.error.js';

/**
 * Thrown by a step to give up at once, whatever attempts it has left: the run fails (and is compensated) now.
 *
 * @example
 * ```ts
 * if (card.expired) throw new NonRetryableError('The card has expired');
 * ```
 */
export class NonRetryableError extends DurableError {
  static override readonly code: string = 'DURABLE_NON_RETRYABLE';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(NonRetryableError.code, message, options);
  }
}

import { DurableError } from './durable.error.js';

/**
 * A value cannot be stored, because it would not come back from JSON unchanged. Nothing was written.
 *
 * @example
 * ```
 * Cannot store the input of workflow "order": $.lines[2].price is a BigInt. Convert it with String(value).
 * ```
 */
export class InvalidPayloadError extends DurableError {
  static override readonly code: string = 'DURABLE_INVALID_PAYLOAD';

  /**
   * @param where what the value is, e.g. `input of workflow "order"`.
   * @param path where in the value, e.g. `$.lines[2].price`.
   * @param reason what is wrong there, continuing the path: `is a BigInt`.
   * @param fix what to do about it, a sentence without its full stop.
   */
  constructor(
    readonly where: string,
    readonly path: string,
    readonly reason: string,
    readonly fix: string,
    options?: { readonly cause?: unknown; readonly code?: string },
  ) {
    super(options?.code ?? InvalidPayloadError.code, `Cannot store the ${where}: ${path} ${reason}. ${fix}.`, options);
  }
}

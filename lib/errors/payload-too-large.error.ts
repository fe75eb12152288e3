import { InvalidPayloadError } from './invalid-payload.error.js';

/** A value is larger than the module's `payloadLimit`. Nothing was written. */
export class PayloadTooLargeError extends InvalidPayloadError {
  static override readonly code: string = 'DURABLE_PAYLOAD_TOO_LARGE';

  /**
   * @param bytes size of the JSON text in UTF-8.
   * @param exact false when writing stopped at the limit, so that the value has at least `bytes`.
   */
  constructor(
    where: string,
    readonly bytes: number,
    readonly limit: number,
    exact = true,
  ) {
    super(
      where,
      '$',
      `takes ${exact ? '' : 'at least '}${bytes} bytes as JSON, more than the limit of ${limit}`,
      'Keep large data in a store of its own and pass a reference to it, or raise the option payloadLimit',
      { code: PayloadTooLargeError.code },
    );
  }
}

import { NonRetryableError } from '../../lib/index.js';

/** A parcel that will never arrive. */
export class ParcelLostError extends NonRetryableError {
  constructor(
    readonly trackingCode: string,
    lastSeen: string,
  ) {
    super(`parcel ${trackingCode} was not delivered: the last of it is "${lastSeen}"`);
  }
}

import { NonRetryableError } from '../../lib/index.js';

/** The provider said no. It will say no again, so the step gives up at once. */
export class PaymentDeclinedError extends NonRetryableError {
  constructor(
    readonly orderId: string,
    reason: string,
  ) {
    super(`the payment of order ${orderId} was declined: ${reason}`);
  }
}

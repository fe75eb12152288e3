import { NonRetryableError } from '../../lib/index.js';
import type { Approval } from './approval.js';

/** Somebody said no to a large order, or nobody said anything in time. */
export class OrderRefusedError extends NonRetryableError {
  constructor(
    readonly orderId: string,
    decision: Approval | null,
  ) {
    super(decision === null ? `nobody approved order ${orderId} in time` : `${decision.by} refused order ${orderId}`);
  }
}

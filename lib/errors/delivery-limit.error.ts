import { DurableError } from './durable.error.js';

/** The run was given up: every worker that took it died before it made progress. */
export class DeliveryLimitError extends DurableError {
  static override readonly code: string = 'DURABLE_DELIVERY_LIMIT';

  constructor(
    readonly runId: string,
    readonly deliveries: number,
  ) {
    super(
      DeliveryLimitError.code,
      `Run ${runId} was given up after ${deliveries} deliveries whose workers died or lost their lease (module option maxAttempts). Look for a crash, an exhausted memory or a blocked event loop in its current step, then call runner.retry('${runId}').`,
    );
  }
}

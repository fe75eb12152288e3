import { DurableError } from './durable.error.js';

/**
 * This worker no longer holds the run: its lease ended, and nothing it writes for the run counts any more.
 * Also the abort reason of the steps that were running then. The run goes on elsewhere.
 */
export class LeaseLostError extends DurableError {
  static override readonly code: string = 'DURABLE_LEASE_LOST';

  constructor(
    readonly runId: string,
    readonly worker: string,
  ) {
    super(
      LeaseLostError.code,
      `Worker "${worker}" no longer holds run ${runId}: another worker goes on with it. Stop this attempt; nothing that it reports is recorded.`,
    );
  }
}

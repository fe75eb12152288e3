import type { RetryPolicy } from '../../definition/plan.js';

/** The module's options that decide how runs are executed. */
export interface EngineLimits {
  readonly jobTimeoutMs: number;
  readonly maxDeliveries: number;
  readonly payloadLimit: number;
  readonly retry: RetryPolicy;
}

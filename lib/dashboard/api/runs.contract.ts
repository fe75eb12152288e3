import type { RunStatus } from '../../definition/run-state.js';
import type { CappedCount, ErrorView, Time } from './common.contract.js';

/** Query of `api/runs` and `api/runs/counts`, filter of bulk orders. Absent or empty: not filtered by it. */
export interface RunQuery {
  /** In a URL separated by commas: `status=failed,compensation_failed`. */
  readonly status?: readonly RunStatus[];
  readonly workflow?: string;
  readonly version?: number;
  /** Created at or after, before. ISO 8601. */
  readonly from?: Time;
  readonly to?: Time;
  /** The idempotency key, whole. */
  readonly key?: string;
  /** Runs that carry all of these tags. In a URL the parameter is repeated: `tag=eu&tag=vip`. */
  readonly tag?: readonly string[];
  /** Runs whose error's name, code or message contains this text, in any case. */
  readonly error?: string;
  /** A run id: that one run. */
  readonly id?: string;
  /** Children of this run. */
  readonly parent?: string;
  /** Keyset: the `next` of the page before. Not in bulk filters. */
  readonly before?: string;
  /** 1 to `limits.page`. Not in bulk filters. @default 50 */
  readonly limit?: number;
}

export type RunFilterBody = Omit<RunQuery, 'before' | 'limit'>;

/** A run in a list. */
export interface RunRow {
  readonly id: string;
  readonly workflowName: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly queue: string;
  readonly priority: number;
  readonly idempotencyKey: string | null;
  readonly tags: readonly string[];
  readonly currentStep: number;
  /** Name of the node at `currentStep`; null behind the last one, or when its plan is not stored. */
  readonly currentNode: string | null;
  readonly totalSteps: number;
  /** Name and message; the stack is in the run's own answer. */
  readonly error: Pick<ErrorView, 'name' | 'message' | 'code' | 'step'> | null;
  readonly awaitingSignal: string | null;
  readonly pausedAt: Time | null;
  readonly wakeAt: Time | null;
  readonly parentRunId: string | null;
  readonly cancelReason: string | null;
  readonly workerId: string | null;
  readonly createdAt: Time;
  readonly startedAt: Time | null;
  readonly updatedAt: Time;
  readonly finishedAt: Time | null;
}

/** Newest first. A page may be shorter than asked for and still have a `next`: runs that may not be viewed are left out. */
export interface RunsAnswer {
  readonly now: Time;
  readonly runs: readonly RunRow[];
  /** Pass it as `before`; null on the last page. */
  readonly next: string | null;
}

/** How many runs the whole filter matches, and how many without its `status`, by status (those with 0 left out). */
export interface RunCountsAnswer {
  readonly now: Time;
  readonly total: CappedCount;
  readonly statuses: readonly ({ readonly status: RunStatus } & CappedCount)[];
}

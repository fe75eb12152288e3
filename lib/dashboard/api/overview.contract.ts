import type { RunStatus } from '../../definition/run-state.js';
import type { CappedCount, Time } from './common.contract.js';
import type { WorkerView } from './plans.contract.js';
import type { RunRow } from './runs.contract.js';

/** @default '1h' */
export type OverviewWindow = '15m' | '1h' | '6h' | '24h' | '7d';

/** What a run that has not ended waits for, or does. */
export type WaitingReason =
  | 'running'
  | 'due'
  | 'delayed'
  | 'sleeping'
  | 'retry'
  | 'signal'
  | 'child'
  | 'resume'
  | 'compensating'
  | 'paused'
  | 'plan_changed';

export interface OverviewBucket {
  /** Its start. */
  readonly at: Time;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly canceled: number;
}

export interface OverviewAnswer {
  readonly now: Time;
  readonly window: OverviewWindow;
  /** Length of a bucket. */
  readonly bucketMs: number;
  /** Oldest first, about 60; empty ones are there. */
  readonly buckets: readonly OverviewBucket[];
  /**
   * Where the buckets are known from: null when from the start of the window; else the series is read from the newest runs
   * only (a bounded number) and is complete since this time.
   */
  readonly completeSince: Time | null;
  /** Runs by status. `completed` may be an estimate on a large table. */
  readonly statuses: readonly ({ readonly status: RunStatus; readonly estimated: boolean } & CappedCount)[];
  /** Runs that have not ended, by what they wait for. Those with a count of 0 are left out. */
  readonly waiting: readonly ({ readonly reason: WaitingReason } & CappedCount)[];
  /** Runs a second that ended as completed, over the last minute (of the bucket series) and the window. */
  readonly throughput: { readonly lastMinute: number; readonly window: number };
  /** Newest runs that failed or could not be compensated. */
  readonly failures: readonly RunRow[];
  /** Failures of the window by workflow and error, the most first. */
  readonly failureGroups: readonly {
    readonly workflowName: string;
    readonly error: string;
    readonly count: number;
    readonly sampleRunId: string;
  }[];
  /** The run that has been due for the longest time and is not taken. */
  readonly oldestDue: { readonly run: RunRow; readonly lateMs: number } | null;
  readonly workers: readonly WorkerView[];
}

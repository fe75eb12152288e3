import type { RunStatus } from '../../definition/run-state.js';

export interface StatusCount {
  readonly status: RunStatus;
  readonly runs: number;
}

/** Due runs of one workflow version that nobody has taken, paused ones left out. */
export interface DueRuns {
  readonly workflow: string;
  readonly version: number;
  /** At most {@link MOST_COUNTED}; there may be more. */
  readonly runs: number;
  /** How long the oldest one has been due, by the store's clock. */
  readonly oldestMs: number;
}

/** Runs of a workflow version beyond these are not counted one by one: a backlog of so many is one all the same. */
export const MOST_COUNTED = 10_000;

/** What is asked every few seconds by those who watch: cheap, however many runs there are. */
export interface Vitals {
  /**
   * Runs by status. Exact for all but `completed`, which is an estimate of the store: counting what has completed would read
   * the whole table. Costs what reading the index entries of all other runs costs.
   */
  counts(): Promise<readonly StatusCount[]>;

  /** What waits in a queue. Costs a look for each workflow version with timers, and what it counts. */
  due(queue: string): Promise<readonly DueRuns[]>;
}

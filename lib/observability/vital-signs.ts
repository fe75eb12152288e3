import type { DueRuns, StatusCount } from '../storage/contract/vitals.contract.js';

/** The worker of this process, as it stands. */
export interface WorkerSigns {
  /** `null` while it holds no lease. */
  readonly workerId: string | null;
  /** Milliseconds until it would give its lease up, were it not renewed; 0 without one. */
  readonly leaseLeftMs: number;
  readonly slots: number;
  /** Runs that it holds now. */
  readonly runs: number;
}

/**
 * What health checks and metrics ask of the engine. A token of the module, for the parts of this package that watch it.
 *
 * @internal
 */
export abstract class VitalSigns {
  abstract readonly queue: string;
  /** `null` in a process without one. */
  abstract worker(): WorkerSigns | null;
  abstract counts(): Promise<readonly StatusCount[]>;
  /** Due runs of this process's queue. */
  abstract due(): Promise<readonly DueRuns[]>;
  /** Migrations that the database lacks. */
  abstract pendingMigrations(): Promise<readonly string[]>;
}

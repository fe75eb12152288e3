export interface WorkerRegistration {
  /** UUIDv7, new at every start of the worker: a name that is used again would let a zombie pass for its successor. */
  readonly id: string;
  /** What people call it; several may share one. */
  readonly name: string;
  readonly queue: string;
  readonly host: string;
  readonly pid: number;
  /** `name@version` of every workflow that it executes. */
  readonly workflows: readonly string[];
  /** Runs that it executes at one time. */
  readonly slots: number;
  readonly leaseMs: number;
}

/**
 * How long a worker's lock must have been found free before the worker is declared dead: as long may a worker, after it was
 * seen to hold its lock, go on without asking again. Longer delays every takeover; shorter takes the runs of processes
 * that are just replacing a connection, and makes busy ones ask more often.
 */
export const UNLOCKED_FOR_MS = 500;

/**
 * Leases. One row a worker carries the lease of all its runs; a session advisory lock says beside it that the worker's
 * connection is alive. All methods use the worker's control connection, apart from checkpoints and from the
 * application's pool.
 */
export interface WorkerStore {
  /** Returns the store's time. Writes the worker's row and takes its advisory lock on the control connection, in place of an earlier one. */
  register(registration: WorkerRegistration): Promise<Date>;

  /**
   * Extends the lease, and takes the advisory lock again when the control connection is a new one.
   *
   * @returns the store's time, or `null` when the row is gone: another worker declared this one dead, its runs have been taken over.
   */
  renew(worker: string, leaseMs: number): Promise<Date | null>;

  /**
   * Gives back whatever the worker still holds, due at once and not counted as a crash, and removes its row.
   * Also used for an earlier lease of the same process, whose sessions are all lost.
   *
   * @returns how many runs were given back.
   */
  unregister(worker: string): Promise<number>;

  /**
   * Declares workers dead whose lease has ended, or whose advisory lock was free in every sweep of this process for
   * {@link UNLOCKED_FOR_MS}, without a heartbeat in between, and makes the runs due of every holder that is not a living worker. Counts as a delivery that failed.
   *
   * @param options `immediate` takes a lock that is free now for a death. For an operator who knows it: a worker that lives, and
   *   has just lost its connection, loses its runs too, and may begin one more step before it hears of it.
   * @returns how many runs were handed back, and the workers declared dead.
   */
  sweep(options?: { readonly immediate?: boolean }): Promise<SweepResult>;

  /**
   * Monotonic time of the latest request whose answer showed that nobody takes this process's worker for dead: a renewal that
   * succeeded, or a sweep by a session that has held the lock since before the latest one. For {@link UNLOCKED_FOR_MS} from then only the end of its lease can
   * cost the worker its runs.
   */
  readonly provenAt: number;
}

export interface SweepResult {
  readonly runs: number;
  readonly deadWorkers: readonly string[];
  /** Queues that have runs to claim now. */
  readonly queues: readonly string[];
}

import type { Clock, TimerHandle } from '../../common/clock.js';
import type { SweepResult, WorkerStore } from '../../storage/contract/worker-store.contract.js';

/**
 * Time between two looks at the other workers, with some jitter. A crashed one is noticed by the third look that finds its lock
 * free, so within a second. Each look also shows that this worker holds its own: often enough that a step hardly ever has to ask.
 */
export const SWEEP_INTERVAL_MS = 300;

export interface SweeperOptions {
  readonly onRecovered: (result: SweepResult) => void;
  readonly onError: (error: unknown) => void;
}

/** Looks after the other workers: hands the runs of dead ones back, again and again, one look at a time. */
export class Sweeper {
  private rounds: TimerHandle | null = null;
  private sweeping: Promise<SweepResult> | null = null;

  constructor(
    private readonly store: WorkerStore,
    private readonly clock: Clock,
    private readonly options: SweeperOptions,
  ) {}

  start(): void {
    this.rounds = this.clock.every(SWEEP_INTERVAL_MS, () => {
      if (!this.sweeping) this.sweep().catch(this.options.onError);
    });
  }

  /** `immediate` takes one free lock for a death, without a second look. */
  async sweep(options: { readonly immediate?: boolean } = {}): Promise<SweepResult> {
    await this.sweeping?.catch(() => undefined);
    this.sweeping = this.store.sweep(options);
    try {
      const result = await this.sweeping;
      if (result.runs > 0 || result.deadWorkers.length > 0) this.options.onRecovered(result);
      return result;
    } finally {
      this.sweeping = null;
    }
  }

  async stop(): Promise<void> {
    this.rounds?.cancel();
    await this.sweeping?.catch(() => undefined);
  }
}

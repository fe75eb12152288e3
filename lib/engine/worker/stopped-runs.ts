import type { WorkflowRegistry } from '../../definition/workflow.registry.js';
import type { PlanStore } from '../../storage/contract/plan-store.contract.js';

export interface StoppedRunsParts {
  readonly store: PlanStore;
  readonly registry: WorkflowRegistry;
  readonly queue: string;
  /** Runs that this worker can take now; 0 while it stops. */
  readonly freeSlots: () => number;
  /** Runs became due that the plans of this process may carry. */
  readonly onReleased: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Takes up runs that a changed plan has stopped elsewhere and that may fit the plans of this process: at its start, which
 * is when fixed code is back, and with every renewal of its lease, for runs that a newer worker stops while this one still
 * lives.
 *
 * No more are made due than it can take, and more when it has taken these: a worker that ends leaves few behind, and those
 * are put back by the ones that cannot carry them.
 */
export class StoppedRuns {
  private looking: Promise<void> | null = null;
  /** The last look may have left some. */
  private more = false;

  constructor(private readonly parts: StoppedRunsParts) {}

  release(): Promise<void> {
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  /** A slot came free. */
  slotFreed(): void {
    if (this.more && !this.looking && this.parts.freeSlots() > 0) void this.release();
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    await this.looking;
  }

  private async look(): Promise<void> {
    const { store, registry, queue, freeSlots, onReleased, onError } = this.parts;
    const limit = freeSlots();
    try {
      const released = await store.release(queue, registry.all(), limit);
      this.more = released >= limit; // also when no slot was free
      if (released > 0) onReleased();
    } catch (error) {
      onError(error);
    }
  }
}

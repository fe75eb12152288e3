import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { WorkerStore } from '../../storage/contract/worker-store.contract.js';

export interface LapsedLeasesParts {
  readonly runs: Pick<RunStore, 'handBackOthers'>;
  readonly workers: Pick<WorkerStore, 'unregister'>;
  /** Runs became due again. */
  readonly onReturned: () => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Gives back what earlier leases of this worker still hold: its sessions are lost, so nothing of them is written any more,
 * and others need not wait for the leases to end.
 *
 * Runs that somebody has locked are not waited for, because the renewals of the present lease would wait with them; they are
 * tried again with the next one, unless the sweeps of other workers find them first.
 */
export class LapsedLeases {
  private readonly ids = new Set<string>();
  private giving: Promise<void> | null = null;

  constructor(private readonly parts: LapsedLeasesParts) {}

  add(workerId: string): void {
    this.ids.add(workerId);
  }

  giveBack(): Promise<void> {
    this.giving ??= this.giveBackAll().finally(() => {
      this.giving = null;
    });
    return this.giving;
  }

  private async giveBackAll(): Promise<void> {
    for (const id of this.ids) {
      try {
        await this.giveBackOne(id);
      } catch (error) {
        this.parts.onError(error);
      }
    }
  }

  private async giveBackOne(id: string): Promise<void> {
    const { runs, workers, onReturned } = this.parts;
    const returned = await runs.handBackOthers(id, []);
    if (returned.runs > 0) onReturned();
    if (returned.left > 0) return;
    await workers.unregister(id);
    this.ids.delete(id);
  }
}

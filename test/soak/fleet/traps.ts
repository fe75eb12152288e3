import { PostgresRunStore } from '../../../lib/storage/postgres/postgres-run-store.js';
import type { OutsideLedger } from '../ledger/outside-ledger.js';
import type { Trap } from '../workload/deeds.js';
import type { TrapPlace } from './soak-settings.js';

/**
 * Places at which this process kills itself when it gets there next, and the count of checkpoints that were refused. Both
 * stand around the store's methods, so that the engine is as it is published.
 */
export class Traps implements Trap {
  private place: TrapPlace | null = null;

  constructor(private readonly ledger: OutsideLedger) {}

  set(place: TrapPlace): void {
    this.place = place;
  }

  inEffect(key: string): void {
    this.spring(key.startsWith('undo:') ? 'in-undo' : 'in-step');
  }

  watchTheStore(): void {
    const store = PostgresRunStore.prototype;
    const { checkpoint, transact } = store;
    const spring = (place: TrapPlace): void => this.spring(place);
    const count = (refused: number): void => {
      if (refused > 0) this.ledger.write({ event: 'fenced', at: Date.now(), count: refused });
    };
    store.checkpoint = async function (...args) {
      spring('before-checkpoint');
      const outcomes = await checkpoint.apply(this, args);
      count(outcomes.filter(({ outcome }) => outcome === 'lost').length);
      spring('after-checkpoint');
      return outcomes;
    };
    store.transact = async function ({ work, ...request }) {
      const guarded: typeof work = async (manager) => {
        const result = await work(manager);
        spring('before-commit');
        return result;
      };
      const outcome = await transact.call(this, { ...request, work: guarded });
      count(outcome.outcome === 'lost' ? 1 : 0);
      spring('after-commit');
      return outcome;
    };
  }

  private spring(place: TrapPlace): void {
    if (this.place !== place) return;
    this.ledger.write({ event: 'killed', at: Date.now(), pid: process.pid, where: place });
    process.kill(process.pid, 'SIGKILL');
  }
}

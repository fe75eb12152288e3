import type { DurableEngine } from './durable.engine.js';
import { VitalSigns, type WorkerSigns } from './observability/vital-signs.js';
import type { DueRuns, StatusCount } from './storage/contract/vitals.contract.js';

/** {@link VitalSigns} of the engine. */
export class EngineSigns extends VitalSigns {
  constructor(private readonly engine: DurableEngine) {
    super();
  }

  get queue(): string {
    return this.engine.defaults.queue;
  }

  worker(): WorkerSigns | null {
    const { worker } = this.engine;
    if (!worker) return null;
    const { workerId, leaseLeftMs, sessions } = worker;
    return { workerId, leaseLeftMs, slots: sessions.capacity, runs: sessions.size };
  }

  counts(): Promise<readonly StatusCount[]> {
    return this.engine.storage.vitals.counts();
  }

  due(): Promise<readonly DueRuns[]> {
    return this.engine.storage.vitals.due(this.queue);
  }

  pendingMigrations(): Promise<readonly string[]> {
    return this.engine.storage.schema.pending();
  }
}

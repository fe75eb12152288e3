import type { DatabaseCheck } from './database-check.contract.js';
import type { PlanStore } from './plan-store.contract.js';
import type { RunAdmin } from './run-admin.contract.js';
import type { RunInspector } from './run-facts.contract.js';
import type { RunRepair } from './run-repair.contract.js';
import type { RunStore } from './run-store.contract.js';
import type { SchemaManager } from './schema-manager.contract.js';
import type { Vitals } from './vitals.contract.js';
import type { WakeupChannel } from './wakeup-channel.contract.js';
import type { WorkerStore } from './worker-store.contract.js';

/** All of storage, as the composition root puts it together. */
export interface Storage {
  readonly runs: RunStore;
  readonly workers: WorkerStore;
  readonly admin: RunAdmin;
  readonly plans: PlanStore;
  readonly repair: RunRepair;
  readonly inspector: RunInspector;
  readonly vitals: Vitals;
  readonly channel: WakeupChannel;
  readonly schema: SchemaManager;
  readonly check: DatabaseCheck;
  close(): Promise<void>;
}

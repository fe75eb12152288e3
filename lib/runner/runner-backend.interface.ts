import type { Awaitable } from '../common/awaitable.js';
import type { PlanJson } from '../definition/plan-json.js';
import type { WorkflowRegistry } from '../definition/workflow.registry.js';
import type { Telemetry } from '../observability/telemetry.js';
import type { PlanStore } from '../storage/contract/plan-store.contract.js';
import type { RunAdmin } from '../storage/contract/run-admin.contract.js';
import type { RunInspector } from '../storage/contract/run-facts.contract.js';
import type { RunRepair } from '../storage/contract/run-repair.contract.js';
import type { ResultWaiter } from './result-waiter.js';
import type { RunStarter } from './run-starter.js';
import type { StartableWorkflow } from './start-plan.js';

/** What the composition root gives to the runner. */
export interface RunnerBackend {
  readonly admin: RunAdmin;
  readonly repair: RunRepair;
  readonly inspector: RunInspector;
  readonly plans: PlanStore;
  readonly registry: Pick<WorkflowRegistry, 'all' | 'find'>;
  readonly starter: RunStarter;
  readonly waiter: ResultWaiter;
  readonly telemetry: Telemetry;
  readonly defaults: { readonly queue: string; readonly payloadLimit: number; readonly maxAttempts: number };
  /** Resolves once the schema is there and the workflows are registered, at hand when they are; rejects with what kept the module from it. */
  ready(): Awaitable<void>;
  /** @throws WorkflowNotRegisteredError */
  startable(name: string, version: number | undefined): Awaitable<StartableWorkflow>;
  /**
   * A plan by its hash; without one, the plan that this process registers, else the one that was registered last.
   *
   * @throws WorkflowNotRegisteredError
   */
  planOf(name: string, version: number | undefined, hash?: string): Promise<PlanJson>;
  /** The plan that this process registers, if it does. */
  registeredPlan(name: string, version: number): PlanJson | undefined;
  /** Tells whoever holds the run, or whoever may claim it, that something came in. */
  wakeRun(runId: string, holder: { readonly worker: string | null }): void;
  wakeQueue(queue: string): void;
  /** Tells workers that workflows were paused or unpaused. */
  pausesChanged(): void;
  /** Tells whoever waits for a result that a run was ended without a worker. */
  runEnded(): void;
  recover(): Promise<number>;
}

import type { WorkflowPause } from '../storage/contract/run-repair.contract.js';
import type { OrderReporter } from './order-reporter.js';
import { orderedBy } from './ordered-by.js';
import type { OrderOptions, WorkflowTarget } from './run-options.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { referenceOf } from './workflow-reference.js';

/** Keeps all runs of a workflow from being executed, and lets them go on; `DurableRunner.pause` documents it. */
export class WorkflowPauses {
  constructor(
    private readonly backend: RunnerBackend,
    private readonly reports: OrderReporter,
  ) {}

  /** @returns whether it was not paused already. */
  pause(target: WorkflowTarget, version: number | undefined, options: OrderOptions): Promise<boolean> {
    return this.order('pause', target, version, options);
  }

  /** @returns whether there was a pause. */
  unpause(target: WorkflowTarget, version: number | undefined, options: OrderOptions): Promise<boolean> {
    return this.order('unpause', target, version, options);
  }

  async all(): Promise<readonly WorkflowPause[]> {
    await this.backend.ready();
    return this.backend.repair.pauses();
  }

  private async order(
    action: 'pause' | 'unpause',
    target: WorkflowTarget,
    version: number | undefined,
    options: OrderOptions,
  ): Promise<boolean> {
    const order = orderedBy(options);
    const { name, version: known } = await this.known(target, version);
    const { repair } = this.backend;
    const accepted = await (action === 'pause'
      ? repair.pauseWorkflow(name, known, order)
      : repair.unpauseWorkflow(name, known, order));
    this.reports.acted(action, { ...order, workflow: name, accepted });
    this.backend.pausesChanged();
    return accepted;
  }

  /** A misspelt name would pause nothing, and say that it did. */
  private async known(
    target: WorkflowTarget,
    version: number | undefined,
  ): Promise<{ readonly name: string; readonly version: number | null }> {
    await this.backend.ready();
    const reference = referenceOf(target);
    const wanted = version ?? reference.version;
    await this.backend.startable(reference.name, wanted);
    return { name: reference.name, version: wanted ?? null };
  }
}

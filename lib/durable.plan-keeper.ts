import type { LoggerService } from '@nestjs/common';
import type { DurableWorkflow } from './definition/durable-workflow.js';
import { planToJson } from './definition/plan-json.js';
import type { WorkflowRegistry } from './definition/workflow.registry.js';
import type { PlanStore, StoredDefinition } from './storage/contract/plan-store.contract.js';

/**
 * Keeps every plan that is registered in the database, so that a run can be read, compared and moved after its class is
 * gone: those of the start, and those that an application registers later.
 *
 * What could not be stored is stored at the next occasion; until then no run is started here.
 */
export class PlanKeeper {
  private unsaved: readonly DurableWorkflow[];
  private saving: Promise<void> | null = null;

  constructor(
    private readonly parts: {
      readonly registry: Pick<WorkflowRegistry, 'all' | 'onRegistered'>;
      readonly plans: Pick<PlanStore, 'save'>;
      readonly logger: LoggerService;
    },
  ) {
    this.unsaved = parts.registry.all();
    parts.registry.onRegistered((workflows) => {
      this.unsaved = [...this.unsaved, ...workflows];
      this.saved()?.catch((error: unknown) => parts.logger.warn(`Could not store plans yet: ${String(error)}`));
    });
  }

  /** Resolves once all plans are stored; `null` when they are. */
  saved(): Promise<void> | null {
    if (this.unsaved.length === 0) return null;
    this.saving ??= this.save().finally(() => (this.saving = null));
    return this.saving;
  }

  /** Also what is registered while it saves. */
  private async save(): Promise<void> {
    while (this.unsaved.length > 0) {
      const workflows = this.unsaved;
      await this.parts.plans.save(workflows.map(toDefinition));
      this.unsaved = this.unsaved.slice(workflows.length);
    }
  }
}

function toDefinition(workflow: DurableWorkflow): StoredDefinition {
  const { name, version, hash, steps } = workflow;
  return { name, version, hash, nodes: steps.length, plan: JSON.stringify(planToJson(workflow)) };
}

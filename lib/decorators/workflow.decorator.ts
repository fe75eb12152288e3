import { assignIdentity, type WorkflowClass } from '../definition/workflow-identity.js';
import type { StandardSchema } from '../definition/plan.js';

export interface WorkflowDecoratorOptions {
  /** What runs know the workflow by. Never derived from the class's name, which a refactoring or a minifier changes. */
  name: string;
  /** An integer from 1. Classes with one name and several versions live side by side. @default 1 */
  version?: number;
  /** Validates the input before a run is written. @default anything is accepted */
  schema?: StandardSchema;
}

/**
 * Declares a provider class as a workflow. Its decorated members, in the order of their declaration, are its plan; those
 * of a class that it extends come first.
 *
 * @example
 * ```ts
 * @Workflow({ name: 'order', version: 2 })
 * export class OrderWorkflow {
 *   constructor(private readonly payments: PaymentsService) {}
 *
 *   @Step({ maxAttempts: 5, compensate: 'refund' })
 *   charge(ctx: DurableContext<Order>) { return this.payments.charge(ctx.input, ctx.idempotencyKey); }
 *   refund(ctx: DurableContext<Order>) { return this.payments.refund(ctx.results.charge); }
 * }
 * ```
 */
export function Workflow(options: string | WorkflowDecoratorOptions): (target: WorkflowClass) => void {
  const { name, version = 1, schema } = typeof options === 'string' ? { name: options } : (options ?? {});
  return (target) => assignIdentity(target, { name, version, schema });
}

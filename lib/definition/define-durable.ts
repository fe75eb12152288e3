import { DurableWorkflow, type DurableWorkflowOptions } from './durable-workflow.js';
import { WorkflowDefinitionError } from '../errors/workflow-definition.error.js';

/**
 * Builds a whole plan in one call and freezes it.
 *
 * @param define adds the nodes; what it returns is ignored, so that it may be one chained expression.
 * @throws WorkflowDefinitionError when `define` adds no node.
 *
 * @example
 * ```ts
 * export const milestone = defineDurable('milestone', (plan) =>
 *   plan.step('discover', (ctx) => discover(ctx.input)).sleep('settle', '1h').step('ship', ship),
 * );
 * ```
 */
export function defineDurable(
  name: string,
  define: (plan: DurableWorkflow) => unknown,
  options?: DurableWorkflowOptions,
): DurableWorkflow {
  const workflow = new DurableWorkflow(name, options);
  define(workflow);
  if (workflow.steps.length === 0) {
    throw new WorkflowDefinitionError([`${workflow.describe()} has no nodes: add at least one, e.g. plan.step(…).`]);
  }
  return workflow.freeze();
}

import type { ChildTarget } from '../definition/child-target.js';
import { declareNode } from './declare-node.js';
import type { NodeMemberDecorator } from './decorator.types.js';
import type { ChildWorkflowDecoratorOptions } from './node-declaration.interface.js';

/**
 * Starts a run of another workflow and waits for its result, without holding a process: on a method that returns the
 * child's input, or on a property, where the child gets the input of its parent.
 *
 * @param child its class, which also says the version; its name; or an arrow function that returns the class, for files
 * that import each other.
 *
 * @example
 * ```ts
 * @ChildWorkflow(ShipmentWorkflow)
 * shipment(ctx: DurableContext<Order>): ChildInput<ShipmentWorkflow> { return { orderId: ctx.input.id }; }
 *
 * @ChildWorkflow('invoice', { parentClose: 'abandon' }) invoice!: Invoice;
 * ```
 */
export function ChildWorkflow(
  child: ChildTarget | (() => ChildTarget),
  options: ChildWorkflowDecoratorOptions = {},
): NodeMemberDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'childWorkflow', child, options });
}

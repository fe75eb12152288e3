import { declareNode } from './declare-node.js';
import type { StepMethodDecorator } from './decorator.types.js';
import type { BranchDecoratorOptions } from './node-declaration.interface.js';

/**
 * A branch of a group whose branches run at one time. The methods of a group follow each other in the class; the group
 * is one node, and its result is an object of the branches' results by name.
 *
 * @param group the node's name.
 *
 * @example
 * ```ts
 * @Parallel('notify') email(ctx: DurableContext<Order>) { return this.mail.send(ctx.input); }
 * @Parallel('notify') sms(ctx: DurableContext<Order>) { return this.phone.send(ctx.input); }
 * // ctx.results.notify = { email, sms }
 * ```
 */
export function Parallel(group: string, options: BranchDecoratorOptions = {}): StepMethodDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'parallel', group, options });
}

import { declareNode } from './declare-node.js';
import type { StepMethodDecorator } from './decorator.types.js';
import type { RouteDecoratorOptions } from './node-declaration.interface.js';

/**
 * A route: the method returns the name of the one branch to take, which is journaled before the branch runs. The node's
 * result is `{ branch, result }`. The options apply to the method and, where a branch says nothing, to the branches.
 *
 * @example
 * ```ts
 * @Route() shipping(ctx: DurableContext<Order>) { return ctx.input.express ? 'courier' : 'post'; }
 * @Branch('shipping') courier(ctx: DurableContext<Order>) { return this.couriers.book(ctx.input); }
 * @Branch('shipping') post(ctx: DurableContext<Order>) { return this.post.frank(ctx.input); }
 * ```
 */
export function Route(options: RouteDecoratorOptions = {}): StepMethodDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'route', options });
}

import { declareNode } from './declare-node.js';
import type { StepMethodDecorator } from './decorator.types.js';
import type { BranchDecoratorOptions } from './node-declaration.interface.js';

/**
 * A branch of a `@Route` of the same class. May stand anywhere in the class: its place in the plan is the route's.
 *
 * @param route the name of the route's node: that of its method, unless `@Route({ name })` says otherwise.
 *
 * @example
 * ```ts
 * @Branch('shipping', { maxAttempts: 5, compensate: 'cancelCourier' })
 * courier(ctx: DurableContext<Order>) { return this.couriers.book(ctx.input); }
 * ```
 */
export function Branch(route: string, options: BranchDecoratorOptions = {}): StepMethodDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'branch', route, options });
}

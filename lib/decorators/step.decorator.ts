import { declareNode } from './declare-node.js';
import type { StepMethodDecorator } from './decorator.types.js';
import type { StepDecoratorOptions } from './node-declaration.interface.js';

/**
 * A step: the method's result is journaled, and the method never runs again for this run once it is.
 *
 * @example
 * ```ts
 * @Step({ maxAttempts: 5, timeout: '30s', compensate: 'refund' })
 * charge(ctx: DurableContext<Order>) { return this.payments.charge(ctx.input, ctx.idempotencyKey); }
 * ```
 */
export function Step(options: StepDecoratorOptions = {}): StepMethodDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'step', options });
}

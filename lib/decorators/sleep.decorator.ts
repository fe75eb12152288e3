import type { SleepDuration } from '../definition/node-options.interface.js';
import { declareNode } from './declare-node.js';
import type { NodeMemberDecorator } from './decorator.types.js';
import type { Named } from './node-declaration.interface.js';

/**
 * A pause that holds no process: on a property with its length, or on a method that returns a duration or a `Date`.
 *
 * @example
 * ```ts
 * @Sleep('7d') coolingOff!: void;
 * @Sleep() untilDelivery(ctx: DurableContext<Order>): Duration { return new Date(ctx.input.deliverAt); }
 * ```
 */
export function Sleep(duration?: SleepDuration, options: Named = {}): NodeMemberDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'sleep', duration, options });
}

import type { SignalName } from '../definition/node-options.interface.js';
import { declareNode } from './declare-node.js';
import type { NodeMemberDecorator } from './decorator.types.js';
import type { WaitForSignalDecoratorOptions } from './node-declaration.interface.js';

/**
 * Waits for a signal without holding a process: on a property, whose type is the payload's, or on a method that returns
 * the signal's name. The node's result is the payload, or `null` after the timeout.
 *
 * @param signal the signal's name, or a function of the context that returns it; a property without one waits for a
 * signal of its own name. A method takes none.
 *
 * @example
 * ```ts
 * @WaitForSignal('approved', { timeout: '3d' }) approval!: Approval | null;
 * @WaitForSignal() payment(ctx: DurableContext<Order>): SignalNameOf<Payment> { return `paid-${ctx.input.id}`; }
 * ```
 */
export function WaitForSignal(signal?: SignalName, options?: WaitForSignalDecoratorOptions): NodeMemberDecorator;
export function WaitForSignal(options: WaitForSignalDecoratorOptions): NodeMemberDecorator;
export function WaitForSignal(
  signalOrOptions?: SignalName | WaitForSignalDecoratorOptions,
  given: WaitForSignalDecoratorOptions = {},
): NodeMemberDecorator {
  const isOptions = typeof signalOrOptions === 'object' && signalOrOptions !== null;
  const signal = isOptions ? undefined : signalOrOptions;
  const options = isOptions ? signalOrOptions : given;
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'waitForSignal', signal, options });
}

import { declareNode } from './declare-node.js';
import type { NodePropertyDecorator } from './decorator.types.js';
import type { WaitForAnyDecoratorOptions } from './node-declaration.interface.js';

/**
 * Waits for the first of several signals, without holding a process. The node's result is `{ signal, payload }`, or
 * `null` after the timeout.
 *
 * @example
 * ```ts
 * @WaitForAny(['approved', 'rejected'], { timeout: '3d' })
 * decision!: { signal: 'approved' | 'rejected'; payload: Decision } | null;
 * ```
 */
export function WaitForAny(
  signals: readonly string[],
  options: WaitForAnyDecoratorOptions = {},
): NodePropertyDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'waitForAny', signals, options });
}

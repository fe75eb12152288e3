import { declareNode } from './declare-node.js';
import type { IterationMethodDecorator } from './decorator.types.js';
import type { LoopDecoratorOptions } from './node-declaration.interface.js';

/**
 * A loop: the method runs again and again, each iteration journaled, until `until`, `while` or `maxIterations` ends it.
 * The node's result is an array of every iteration's result.
 *
 * @example
 * ```ts
 * @Loop({ maxIterations: 100, until: (page) => page.done, feedback: (page) => page.cursor, mapInput: () => null })
 * import(cursor: string | null, ctx: DurableContext<Order>) { return this.catalog.importPage(cursor); }
 * ```
 */
export function Loop(options: LoopDecoratorOptions): IterationMethodDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'loop', options });
}

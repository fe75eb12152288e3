import { declareNode } from './declare-node.js';
import type { IterationMethodDecorator } from './decorator.types.js';
import type { ForEachDecoratorOptions } from './node-declaration.interface.js';

/**
 * The method runs once for each item, each item journaled. The node's result is an array of every item's result, in the
 * order of the items.
 *
 * @example
 * ```ts
 * @ForEach({ items: (ctx) => ctx.input.lines, concurrency: 8, compensate: 'unpack' })
 * pack(line: Line, ctx: DurableContext<Order>) { return this.stock.pack(line, ctx.idempotencyKey); }
 * unpack(line: Line, ctx: DurableContext<Order>) { return this.stock.unpack(line); }
 * ```
 */
export function ForEach(options: ForEachDecoratorOptions): IterationMethodDecorator {
  return (target, key, descriptor) => declareNode(target, key, descriptor, { kind: 'forEach', options });
}

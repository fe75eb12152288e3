import type { DurableContext } from '../../definition/durable-context.js';
import { iterationKey } from '../../definition/journal-key.js';
import type { LoopNode } from '../../definition/plan.js';
import type { RunSession } from './run-session.js';

/** What iteration `iteration` received: the same for its handler and for its compensation. */
export function iterationInput(session: RunSession, node: LoopNode, iteration: number, ctx: DurableContext): unknown {
  if (iteration === 0) return node.mapInput ? node.mapInput(ctx) : ctx.input;
  const previous = resultAt(session, node, iteration - 1);
  return node.feedback ? node.feedback(previous) : previous;
}

/** What an iteration that is done returned. */
export function resultAt(session: RunSession, node: LoopNode, iteration: number): unknown {
  return JSON.parse(session.entry(iterationKey(node.name, iteration))!.result);
}

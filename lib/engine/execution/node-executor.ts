import type { Awaitable } from '../../common/awaitable.js';
import type { PlanNode } from '../../definition/plan.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';

/**
 * Executes one kind of node. It may be entered any number of times for the same node: after a retry, a wake-up or a
 * crash it finds in the session's journal what is done, and does the rest.
 */
export interface NodeExecutor<N extends PlanNode = PlanNode> {
  execute(session: RunSession, node: N): Awaitable<NodeOutcome>;
}

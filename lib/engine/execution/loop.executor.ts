import { iterationKey } from '../../definition/journal-key.js';
import type { LoopNode } from '../../definition/plan.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { Interruptions } from './interruptions.js';
import { journalEntry } from './journal-entry.js';
import { iterationInput, resultAt } from './loop-input.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { partDone } from './transition.js';
import type { Unit } from './unit.js';

/**
 * Executes a handler again and again, one journal row an iteration, until `until` or `while` ends it. A loop that reaches
 * `maxIterations` is done: it keeps what it has, and a step after it may look whether that is enough.
 */
export class LoopExecutor implements NodeExecutor<LoopNode> {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly writer: SessionWriter,
    private readonly interruptions: Interruptions,
  ) {}

  async execute(session: RunSession, node: LoopNode): Promise<NodeOutcome> {
    for (let iteration = iterationsOf(session, node); ; iteration++) {
      if (iteration > 0 && this.interruptions.pending(session)) return { type: 'interrupted' };
      if (iteration >= node.maxIterations) break;
      let ended = false;
      const unit = iterationUnit(session, node, iteration, () => (ended = true));
      const result = await this.attempts.attempt(session, unit);
      if (result.outcome === 'abandoned') return { type: 'abandoned' };
      if (result.outcome === 'failed') return { type: 'failed', result };
      if (ended) break;
      const entry = journalEntry(session, 'iteration', unit.key, result);
      if (!(await this.writer.commit(session, partDone(session, entry)))) return { type: 'abandoned' };
    }
    return { type: 'done', journal: [journalEntry(session, 'composite', node.name, { result: '[]' })] };
  }
}

/** Where to go on: the first iteration that is not journaled. */
function iterationsOf(session: RunSession, node: LoopNode): number {
  let count = 0;
  while (session.entry(iterationKey(node.name, count))) count++;
  return count;
}

/**
 * One iteration. Everything that the author wrote runs inside the attempt, so that an exception of `while`, `until` or
 * `feedback` fails the iteration, with its retries, like one of the handler.
 */
function iterationUnit(session: RunSession, node: LoopNode, iteration: number, end: () => void): Unit {
  return {
    key: iterationKey(node.name, iteration),
    options: node,
    call: async (ctx) => {
      if (iteration > 0 && node.until?.(resultAt(session, node, iteration - 1), iteration - 1)) return void end();
      if (node.while && !(await node.while(ctx, iteration))) return void end();
      return node.handler(iterationInput(session, node, iteration, ctx), ctx);
    },
  };
}

import { branchKey } from '../../definition/journal-key.js';
import type { RouteNode } from '../../definition/plan.js';
import { UnknownBranchError } from '../../errors/index.js';
import type { AttemptRunner } from './attempt-runner.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { partDone } from './transition.js';
import type { Unit } from './unit.js';

/** Executes one of several branches. The decision is journaled before the branch runs, and stands in every retry. */
export class RouteExecutor implements NodeExecutor<RouteNode> {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly writer: SessionWriter,
  ) {}

  async execute(session: RunSession, node: RouteNode): Promise<NodeOutcome> {
    if (!session.entry(node.name)) {
      const undecided = await this.decide(session, node);
      if (undecided) return undecided;
    }
    const name = JSON.parse(session.entry(node.name)!.result) as string;
    const branch = node.branches[name];
    const unit: Unit = { key: branchKey(node.name, name), options: branch, call: branch.handler };
    const result = await this.attempts.attempt(session, unit);
    if (result.outcome === 'abandoned') return { type: 'abandoned' };
    if (result.outcome === 'failed') return { type: 'failed', result };
    return { type: 'done', journal: [journalEntry(session, 'branch', unit.key, result)] };
  }

  private async decide(session: RunSession, node: RouteNode): Promise<NodeOutcome | null> {
    const unit: Unit = {
      key: node.name,
      options: node,
      call: async (ctx) => {
        const name = await node.resolver(ctx);
        if (typeof name === 'string' && node.branches[name]) return name;
        throw new UnknownBranchError(node.name, name, Object.keys(node.branches));
      },
    };
    const result = await this.attempts.attempt(session, unit);
    if (result.outcome === 'abandoned') return { type: 'abandoned' };
    if (result.outcome === 'failed') return { type: 'failed', result };
    const decision = journalEntry(session, 'decision', unit.key, result);
    return (await this.writer.commit(session, partDone(session, decision))) ? null : { type: 'abandoned' };
  }
}

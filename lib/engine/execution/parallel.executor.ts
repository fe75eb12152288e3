import { branchKey } from '../../definition/journal-key.js';
import type { ParallelNode } from '../../definition/plan.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { Part, PartPool } from './part-pool.js';
import type { RunSession } from './run-session.js';

/** Executes a group of branches, all of them at one time. When one gives up, the others settle first. */
export class ParallelExecutor implements NodeExecutor<ParallelNode> {
  constructor(private readonly parts: PartPool) {}

  async execute(session: RunSession, node: ParallelNode): Promise<NodeOutcome> {
    const branches = node.entries.map((entry): Part => {
      return {
        kind: 'branch',
        unit: { key: branchKey(node.name, entry.name), options: entry, call: entry.handler },
      };
    });
    const unfinished = await this.parts.run(session, branches, branches.length);
    return unfinished ?? { type: 'done', journal: [journalEntry(session, 'composite', node.name, { result: '{}' })] };
  }
}

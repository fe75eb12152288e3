import { itemsKey, iterationKey } from '../../definition/journal-key.js';
import type { ForEachNode } from '../../definition/plan.js';
import { InvalidPayloadError } from '../../errors/index.js';
import type { AttemptRunner } from './attempt-runner.js';
import { itemsOf } from './for-each-items.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { Part, PartPool } from './part-pool.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { partDone } from './transition.js';
import type { Unit } from './unit.js';

/**
 * Executes a handler once for each item. The items are journaled before the first begins, so that a run which is resumed
 * goes on with the same ones; each item is journaled on its own, and nothing that is done is written again.
 */
export class ForEachExecutor implements NodeExecutor<ForEachNode> {
  constructor(
    private readonly parts: PartPool,
    private readonly attempts: AttemptRunner,
    private readonly writer: SessionWriter,
  ) {}

  async execute(session: RunSession, node: ForEachNode): Promise<NodeOutcome> {
    if (!session.entry(itemsKey(node.name))) {
      const refused = await this.fixItems(session, node);
      if (refused) return refused;
    }
    const items = itemsOf(session, node.name);
    const parts = items.map((item, index): Part => {
      return { kind: 'item', unit: itemUnit(node, index, item) };
    });
    const unfinished = await this.parts.run(session, parts, node.concurrency);
    return unfinished ?? { type: 'done', journal: [journalEntry(session, 'composite', node.name, { result: '[]' })] };
  }

  private async fixItems(session: RunSession, node: ForEachNode): Promise<NodeOutcome | null> {
    const unit: Unit = {
      key: itemsKey(node.name),
      options: node,
      call: async (ctx) => {
        const items = await node.items(ctx);
        if (Array.isArray(items)) return items;
        throw new InvalidPayloadError(
          `items of forEach "${node.name}"`,
          '$',
          'it is not an array',
          'return an array from items',
        );
      },
    };
    const result = await this.attempts.attempt(session, unit);
    if (result.outcome === 'abandoned') return { type: 'abandoned' };
    if (result.outcome === 'failed') return { type: 'failed', result };
    await this.writer.commit(session, partDone(session, journalEntry(session, 'items', unit.key, result)));
    return session.lost ? { type: 'abandoned' } : null;
  }
}

function itemUnit(node: ForEachNode, index: number, item: () => unknown): Unit {
  return { key: iterationKey(node.name, index), options: node, call: (ctx) => node.handler(item(), ctx) };
}

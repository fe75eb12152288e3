import { itemsKey, iterationKey } from '../../definition/journal-key.js';
import type { ForEachNode } from '../../definition/plan.js';
import { InvalidPayloadError } from '../../errors/index.js';
import type { JournalEntry } from '../../storage/contract/records.js';
import type { AttemptRunner, Unit } from './attempt-runner.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { Part, PartPool } from './part-pool.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { partDone } from './transition.js';

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

/** The items that were fixed when the node was entered, each a copy, so that none sees another's changes. */
function itemsOf(session: RunSession, node: string): readonly (() => unknown)[] {
  return parsedItems(session.entry(itemsKey(node))!).map((item) => () => structuredClone(item));
}

/** Parsed once for a session, not once for each of what may be ten thousand undos. */
const parsed = new WeakMap<JournalEntry, readonly unknown[]>();

function parsedItems(entry: JournalEntry): readonly unknown[] {
  const items = parsed.get(entry) ?? (JSON.parse(entry.result) as unknown[]);
  parsed.set(entry, items);
  return items;
}

function itemUnit(node: ForEachNode, index: number, item: () => unknown): Unit {
  return { key: iterationKey(node.name, index), options: node, call: (ctx) => node.handler(item(), ctx) };
}

/** The item that a journal row was made of, for its compensation. */
export function itemAt(session: RunSession, node: string, index: number): unknown {
  const entry = session.entry(itemsKey(node));
  return entry && structuredClone(parsedItems(entry)[index]);
}

import { itemsKey } from '../../definition/journal-key.js';
import type { JournalEntry } from '../../storage/contract/records.js';
import type { RunSession } from './run-session.js';

/** The items that were fixed when the node was entered, each a copy, so that none sees another's changes. */
export function itemsOf(session: RunSession, node: string): readonly (() => unknown)[] {
  return parsedItems(session.entry(itemsKey(node))!).map((item) => () => structuredClone(item));
}

/** Parsed once for a session, not once for each of what may be ten thousand undos. */
const parsed = new WeakMap<JournalEntry, readonly unknown[]>();

function parsedItems(entry: JournalEntry): readonly unknown[] {
  const items = parsed.get(entry) ?? (JSON.parse(entry.result) as unknown[]);
  parsed.set(entry, items);
  return items;
}

/** The item that a journal row was made of, for its compensation. */
export function itemAt(session: RunSession, node: string, index: number): unknown {
  const entry = session.entry(itemsKey(node));
  return entry && structuredClone(parsedItems(entry)[index]);
}

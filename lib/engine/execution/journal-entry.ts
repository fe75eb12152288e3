import type { JournalKind } from '../../definition/journal-key.js';
import type { JournalEntry } from '../../storage/contract/records.js';
import type { RunSession } from './run-session.js';

/** The journal row of a unit that has succeeded, at the next place in the run's order of completion. */
export function journalEntry(
  session: RunSession,
  kind: JournalKind,
  key: string,
  { result, attempt = 1, durationMs = 0 }: { result: string; attempt?: number; durationMs?: number },
): JournalEntry {
  return { key, kind, result, attempt, durationMs, position: session.nextPosition() };
}

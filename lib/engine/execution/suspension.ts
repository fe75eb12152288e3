import type { DatabaseTime } from '../../common/database-time.js';
import type { ParsedDuration } from '../../common/duration.js';
import { waitKey } from '../../definition/journal-key.js';
import type { Due, JournalEntry } from '../../storage/contract/records.js';
import { journalEntry } from './journal-entry.js';
import type { RunSession } from './run-session.js';

/**
 * What a node waits for, fixed in the journal when it was first entered, so that neither a crash nor a wake-up moves a
 * deadline.
 */
export interface Suspension {
  /** ISO 8601, by the database's clock; `null` when only something other than time ends it. */
  readonly until: string | null;
  /** Names of the signals that end it. */
  readonly signals?: readonly string[];
  /** The child that ends it. */
  readonly childId?: string;
}

export function suspensionOf(session: RunSession, node: string): Suspension | null {
  const entry = session.entry(waitKey(node));
  return entry ? (JSON.parse(entry.result) as Suspension) : null;
}

export function suspend(session: RunSession, node: string, suspension: Suspension): JournalEntry {
  return journalEntry(session, 'suspension', waitKey(node), { result: JSON.stringify(suspension) });
}

/** The end of a duration that begins now. */
export function endOf(duration: ParsedDuration, time: DatabaseTime): string {
  return 'at' in duration ? duration.at.toISOString() : new Date(time.latest() + duration.ms).toISOString();
}

export function hasPassed({ until }: Suspension, time: DatabaseTime): boolean {
  return until !== null && Date.parse(until) <= time.earliest();
}

export function dueAt({ until }: Suspension): Due {
  return until === null ? null : { at: new Date(until) };
}

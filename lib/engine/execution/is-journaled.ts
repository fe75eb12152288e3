import { branchKey } from '../../definition/journal-key.js';
import type { PlanNode } from '../../definition/plan.js';
import type { RunSession } from './run-session.js';

/**
 * Whether the node under the cursor has been done already. The cursor may stand behind the journal: a checkpoint's row stays
 * when its move is refused because something came in, and the process may die before it moves the run again.
 */
export function isJournaled(session: RunSession, node: PlanNode): boolean {
  const entry = session.entry(node.name);
  if (entry?.kind !== 'decision') return entry !== undefined;
  return session.entry(branchKey(node.name, JSON.parse(entry.result) as string)) !== undefined;
}

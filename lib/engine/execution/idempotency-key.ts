import { parseKey, undoKey } from '../../definition/journal-key.js';
import { InvalidOptionError } from '../../errors/index.js';
import type { RunSession } from './run-session.js';

/**
 * The key under which a unit is done: `<runId>:<unit>` in every attempt. Once the unit was undone, and an operator has it
 * done again, it is another deed, with another key: `<runId>#2:<unit>`. A service would take the former key for a repetition
 * of what was undone, and do nothing.
 */
export function idempotencyKeyOf(session: RunSession, key: string): string {
  const { phase } = parseKey(key);
  const times = session.timesRedone(phase === 'undo' ? key : undoKey(key));
  return times === 0 ? `${session.id}:${key}` : `${session.id}#${times + 1}:${key}`;
}

/** @throws InvalidOptionError when the plan has no such node: a misspelt step would get a key that nobody ever used. */
export function assertUnit(session: RunSession, key: string): void {
  const { steps, name } = session.workflow;
  if (typeof key === 'string' && steps.some((node) => node.name === parseKey(key).node)) return;
  const known = steps.map((node) => node.name).join(', ');
  throw new InvalidOptionError('step of idempotencyKeyOf', key, `a node of workflow "${name}": ${known}`);
}

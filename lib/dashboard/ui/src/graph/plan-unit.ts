import type { PlanJson } from '../../../../definition/plan-json.js';
import { formatDuration } from '../components/format-time.js';

/** What a plan says of a node or a branch, as names and values for people. Empty when it has no such box. */
export function planUnit(
  plan: Pick<PlanJson, 'nodes'>,
  id: string,
): readonly (readonly [name: string, value: string])[] {
  const [name, branch] = id.split('.');
  const node = plan.nodes.find((each) => each.name === name);
  if (node === undefined) return [];
  const unit = branch !== undefined && 'branches' in node ? node.branches.find((each) => each.name === branch) : node;
  if (unit === undefined) return [];
  const facts = Object.entries(unit).filter(([key]) => key !== 'name' && key !== 'branches');
  return facts.map(([key, value]) => [WORDS[key] ?? key, shown(key, value)] as const);
}

const WORDS: Readonly<Record<string, string>> = {
  kind: 'Kind',
  transactional: 'Transaction',
  maxAttempts: 'Attempts',
  backoff: 'Backoff',
  timeoutMs: 'Timeout',
  retryIf: 'Decides on retries',
  compensate: 'Can be undone',
  maxIterations: 'Iterations, at most',
  concurrency: 'At a time',
  duration: 'Sleeps',
  timeout: 'Waits, at most',
  signal: 'Signal',
  signals: 'Signals',
  child: 'Child',
  childVersion: 'Version of the child',
  parentClose: 'When the parent ends',
  schema: 'Validates',
  mapInput: 'Maps its input',
  until: 'Ends by a condition',
  while: 'Goes on by a condition',
  feedback: 'Feeds back',
};

function shown(key: string, value: unknown): string {
  if (value === true) return key === 'backoff' ? 'its own' : 'yes';
  if (value === false) return 'no';
  if (key === 'timeoutMs') return formatDuration(Number(value));
  if (value === null) return 'computed';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.join(', ');
  if ('ms' in value) return formatDuration(Number(value.ms));
  return 'until' in value ? `until ${String(value.until)}` : 'a computed time';
}

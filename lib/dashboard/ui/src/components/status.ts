import type { NodeState, RunRow } from '../../../api/dashboard-api.contract.js';
import { words } from './format-text.js';
import type { IconName } from './icon-paths.js';

export type Status = RunRow['status'];

/** In the order in which people look for them. */
export const STATUSES: readonly Status[] = [
  'pending',
  'running',
  'suspended',
  'compensating',
  'completed',
  'failed',
  'compensation_failed',
  'canceled',
];

export const STATUS_ICONS: Readonly<Record<Status, IconName>> = {
  pending: 'pending',
  running: 'running',
  suspended: 'waiting',
  compensating: 'undo',
  completed: 'done',
  failed: 'failed',
  canceled: 'canceled',
  compensation_failed: 'warning',
};

export const STATUS_MEANINGS: Readonly<Record<Status, string>> = {
  pending: 'is due for a worker',
  running: 'a worker executes it',
  suspended: 'waits in the database',
  compensating: 'is being undone',
  completed: 'has ended well',
  failed: 'gave up',
  canceled: 'was stopped by somebody',
  compensation_failed: 'an undo gave up',
};

export const STATE_ICONS: Readonly<Record<NodeState, IconName>> = {
  done: 'done',
  running: 'running',
  waiting: 'waiting',
  failed: 'failed',
  undone: 'undo',
  skipped: 'skipped',
  not_reached: 'not_reached',
};

export function stateWord(state: NodeState): string {
  return words(state);
}

/** When nothing moves the run any more. */
export function hasEnded(status: Status): boolean {
  return ['completed', 'failed', 'canceled', 'compensation_failed'].includes(status);
}

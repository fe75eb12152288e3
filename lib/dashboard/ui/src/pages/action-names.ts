import type { RunAction } from '../../../api/dashboard-api.contract.js';
import type { IconName } from '../components/icon-paths.js';

export const ACTION_NAMES: Readonly<Record<RunAction, string>> = {
  signal: 'Send a signal',
  resume: 'Resume',
  retry: 'Retry',
  skip: 'Skip a node',
  pause: 'Pause',
  unpause: 'Unpause',
  migrate: 'Migrate',
  cancel: 'Cancel',
  terminate: 'Terminate',
};

export const ACTION_ICONS: Readonly<Record<RunAction, IconName>> = {
  signal: 'signal',
  resume: 'running',
  retry: 'retry',
  skip: 'skipped',
  pause: 'paused',
  unpause: 'running',
  migrate: 'migrate',
  cancel: 'undo',
  terminate: 'stop',
};

/** What cannot be taken back. */
export function isDangerous(action: RunAction): boolean {
  return action === 'cancel' || action === 'terminate';
}

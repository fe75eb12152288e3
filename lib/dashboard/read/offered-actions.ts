import { isResumeSignal } from '../../definition/journal-key.js';
import type { PlanJson } from '../../definition/plan-json.js';
import { isTerminal } from '../../definition/run-state.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { ActionView, DashboardAction, RunAction } from '../api/dashboard-api.contract.js';

const ACTIONS: readonly RunAction[] = [
  'signal',
  'resume',
  'retry',
  'skip',
  'pause',
  'unpause',
  'cancel',
  'terminate',
  'migrate',
];

/** Why a run cannot take an order as it is; `null` when it may. Orders decide on the locked row; this is for buttons. */
export function whyNot(action: RunAction, run: StoredRun): string | null {
  const ended = isTerminal(run.status) ? `It has ended as ${run.status}.` : null;
  const failed = run.status === 'failed' || run.status === 'compensation_failed';
  switch (action) {
    case 'signal':
    case 'terminate':
      return ended;
    case 'resume':
      return ended ?? (run.awaiting?.some(isResumeSignal) ? null : 'No step of it is suspended.');
    case 'cancel':
      if (run.cancel) return ended ?? 'It is being canceled already.';
      return ended ?? (run.status === 'compensating' ? 'It has failed, and is being undone.' : null);
    case 'retry':
      return failed ? null : 'Only runs that failed can be retried.';
    case 'skip':
      if (run.worker !== null) return 'A worker executes it: pause it first.';
      if (run.cancel) return 'It is being canceled.';
      return run.status === 'failed' || run.status === 'pending' || run.status === 'suspended'
        ? null
        : 'Only the node that a failed or parked run stands at can be skipped.';
    case 'pause':
      return ended ?? (run.pausedAt ? 'It is paused already.' : null);
    case 'unpause':
      return ended ?? (run.pausedAt ? null : 'It is not paused.');
    case 'migrate':
      return ended ?? (run.worker === null ? null : 'A worker executes it: pause it first.');
  }
}

/** Every action with what can be chosen, and why it is not offered. */
export function offeredActions(
  run: StoredRun,
  plan: PlanJson | null,
  allowed: readonly DashboardAction[],
  versions: readonly number[],
): ActionView[] {
  return ACTIONS.map((action) => {
    const why = allowed.includes(action) ? whyNot(action, run) : 'You are not allowed to do this.';
    return { action, enabled: why === null, why, ...choices(action, run, plan, versions) };
  });
}

function choices(
  action: RunAction,
  run: StoredRun,
  plan: PlanJson | null,
  versions: readonly number[],
): Pick<ActionView, 'nodes' | 'signals' | 'versions'> {
  const names = plan?.nodes.map(({ name }) => name) ?? [];
  switch (action) {
    case 'retry':
      return { nodes: names.slice(0, run.cursor + 1).reverse() };
    case 'skip':
      return { nodes: names.slice(run.cursor, run.cursor + 1) };
    case 'signal':
      return { signals: (run.awaiting ?? []).filter((name) => !isResumeSignal(name)) };
    case 'migrate':
      return { versions };
    default:
      return {};
  }
}

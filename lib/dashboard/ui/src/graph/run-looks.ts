import type { NodeView } from '../../../api/dashboard-api.contract.js';
import { STATE_ICONS, stateWord } from '../components/status.js';
import type { NodeLook } from './node-look.js';

/** How the boxes of a plan look with a run laid over them, by box: nodes, and branches of groups and routes. Pure. */
export function runLooks(nodes: readonly NodeView[]): ReadonlyMap<string, NodeLook> {
  const looks = new Map<string, NodeLook>();
  for (const node of nodes) {
    looks.set(node.name, { ...lookOf(node), ...markOf(node), ...(node.undoFailed && UNDO_FAILED) });
    if (node.kind !== 'parallel' && node.kind !== 'route') continue;
    for (const part of node.parts) looks.set(`${node.name}.${part.name}`, { ...lookOf(part), mark: undefined });
  }
  return looks;
}

/** Before everything else that is known of the node: somebody has to put this right. */
const UNDO_FAILED: NodeLook = { tone: 'compensation_failed', says: 'undoing it failed', icon: 'warning', mark: 'undo' };

function lookOf({ state, failedAttempts }: Pick<NodeView, 'state' | 'failedAttempts'>): NodeLook {
  const failures =
    failedAttempts === 0 ? '' : `, ${failedAttempts} failed ${failedAttempts === 1 ? 'attempt' : 'attempts'}`;
  return {
    tone: state === 'skipped' ? 'done' : state,
    says: stateWord(state) + failures,
    icon: STATE_ICONS[state],
    faint: state === 'not_reached',
    ...(failedAttempts > 0 && { mark: `${failedAttempts}✕` }),
  };
}

/** Of loops and items: how many parts are done, which says more than how many attempts failed. */
function markOf(node: NodeView): { mark?: string } {
  if (node.partCount === 0 || (node.kind !== 'loop' && node.kind !== 'forEach')) return {};
  if (node.parts.length < node.partCount) return { mark: String(node.partCount) };
  const done = node.parts.filter(({ state }) => state === 'done').length;
  return { mark: done === node.partCount ? `×${done}` : `${done}/${node.partCount}` };
}

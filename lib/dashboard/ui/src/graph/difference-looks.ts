import type { DifferenceAnswer } from '../../../api/dashboard-api.contract.js';
import type { IconName } from '../components/icon-paths.js';
import type { NodeLook } from './node-look.js';

export type Change = DifferenceAnswer['rows'][number]['change'];

export const CHANGE_TONES: Readonly<Record<Change, string>> = {
  same: 'none',
  changed: 'compensating',
  added: 'done',
  removed: 'failed',
  moved: 'waiting',
};

export const CHANGE_ICONS: Readonly<Record<Change, IconName | null>> = {
  same: null,
  changed: 'retry',
  added: 'plus',
  removed: 'minus',
  moved: 'migrate',
};

/** How the boxes of both plans look beside each other, branches like the node that they belong to. Pure. */
export function differenceLooks(answer: DifferenceAnswer): {
  readonly from: ReadonlyMap<string, NodeLook>;
  readonly to: ReadonlyMap<string, NodeLook>;
} {
  const from = new Map<string, NodeLook>();
  const to = new Map<string, NodeLook>();
  for (const row of answer.rows) {
    const look = lookOf(row.change);
    if (row.from !== null) put(from, answer.from.nodes[row.from], look);
    if (row.to !== null) put(to, answer.to.nodes[row.to], look);
  }
  return { from, to };
}

function put(looks: Map<string, NodeLook>, node: DifferenceAnswer['from']['nodes'][number], look: NodeLook): void {
  looks.set(node.name, look);
  if (!('branches' in node)) return;
  for (const branch of node.branches) looks.set(`${node.name}.${branch.name}`, { ...look, icon: null });
}

function lookOf(change: Change): NodeLook {
  return { tone: CHANGE_TONES[change], says: change, icon: CHANGE_ICONS[change], faint: change === 'same' };
}

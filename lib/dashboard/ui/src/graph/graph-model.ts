import type { BranchJson, PlanJson, PlanNodeJson, UnitJson, WaitJson } from '../../../../definition/plan-json.js';
import { formatDuration } from '../components/format-time.js';

/** What a box of the drawing stands for: a node or a branch of the plan, or one of its two ends. */
export interface GraphNode {
  /** The key of its journal row: `charge`, `carrier.post`; `(start)` and `(end)` for the ends. */
  readonly id: string;
  readonly kind: PlanNodeJson['kind'] | 'branch' | 'start' | 'end';
  readonly label: string;
  /** One short line on what it does beside its name. */
  readonly detail: string;
  /** The node of the plan that it belongs to; `null` for the ends. */
  readonly node: string | null;
  readonly compensated: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

export interface GraphModel {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const START = '(start)';
export const END = '(end)';

/** The boxes and arrows of a plan: nodes in a line, branches of parallel groups and routes side by side. Pure. */
export function graphOf(plan: Pick<PlanJson, 'nodes'>): GraphModel {
  const nodes: GraphNode[] = [endBox(START, 'start')];
  const edges: GraphEdge[] = [];
  let open = [START];
  for (const node of plan.nodes) {
    nodes.push(boxOf(node));
    for (const from of open) edges.push({ from, to: node.name });
    open = [node.name];
    if (node.kind !== 'parallel' && node.kind !== 'route') continue;
    const branches = node.branches.map((branch) => branchBox(node.name, branch));
    nodes.push(...branches);
    for (const { id } of branches) edges.push({ from: node.name, to: id });
    if (branches.length > 0) open = branches.map(({ id }) => id);
  }
  nodes.push(endBox(END, 'end'));
  for (const from of open) edges.push({ from, to: END });
  return { nodes, edges };
}

function endBox(id: string, kind: 'start' | 'end'): GraphNode {
  return { id, kind, label: kind, detail: '', node: null, compensated: false };
}

function branchBox(node: string, branch: BranchJson): GraphNode {
  const detail = attempts(branch);
  return {
    id: `${node}.${branch.name}`,
    kind: 'branch',
    label: branch.name,
    detail,
    node,
    compensated: branch.compensate === true,
  };
}

function boxOf(node: PlanNodeJson): GraphNode {
  const compensated = 'compensate' in node && node.compensate === true;
  return { id: node.name, kind: node.kind, label: node.name, detail: detailOf(node), node: node.name, compensated };
}

function detailOf(node: PlanNodeJson): string {
  switch (node.kind) {
    case 'step':
      return join(node.transactional === false ? 'step' : 'transaction', attempts(node));
    case 'parallel':
      return `all of ${node.branches.length}`;
    case 'route':
      return `one of ${node.branches.length}`;
    case 'loop':
      return join(`loop, at most ${node.maxIterations}`, attempts(node));
    case 'forEach':
      return join(`each item, ${node.concurrency} at a time`, attempts(node));
    case 'sleep':
      return `sleep ${wait(node.duration)}`;
    case 'waitForSignal':
      return join(`signal ${node.signal ?? '(computed)'}`, limit(node.timeout));
    case 'waitForAny':
      return join(`any of ${node.signals.join(', ')}`, limit(node.timeout));
    case 'childWorkflow':
      return `runs ${node.child}${node.childVersion === undefined ? '' : ` v${node.childVersion}`}`;
  }
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function attempts(unit: UnitJson): string {
  if (unit.maxAttempts === undefined) return '';
  return unit.maxAttempts === 1 ? '1 attempt' : `${unit.maxAttempts} attempts`;
}

function limit(timeout: WaitJson | undefined): string {
  return timeout === undefined ? '' : `≤ ${wait(timeout)}`;
}

function wait(duration: WaitJson): string {
  if ('computed' in duration) return 'a computed time';
  return 'until' in duration ? `until ${duration.until.slice(0, 16).replace('T', ' ')}` : formatDuration(duration.ms);
}

import { parseKey } from '../../definition/journal-key.js';
import type { PlanJson, PlanNodeJson } from '../../definition/plan-json.js';
import { isTerminal } from '../../definition/run-state.js';
import type { AttemptRow, MarkRow } from '../../storage/contract/dashboard-store.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { NodeState, NodeView } from '../api/dashboard-api.contract.js';
import { timeOf } from './run-view.js';

/** A picture with more parts is none; the journal has them all. */
const PARTS_SHOWN = 200;

/** What is known of one node or part. */
interface Traces {
  readonly done: MarkRow[];
  readonly undone: MarkRow[];
  readonly waits: MarkRow[];
  readonly failed: AttemptRow[];
}

export interface RunTraces {
  readonly run: StoredRun;
  readonly marks: readonly MarkRow[];
  readonly attempts: readonly AttemptRow[];
}

/** Lays a run over the nodes of its plan. Pure. */
export function nodeViews(plan: PlanJson | null, traces: RunTraces): NodeView[] {
  if (!plan) return [];
  const byNode = new Map<string, Traces>();
  const of = (node: string): Traces => {
    const known = byNode.get(node) ?? { done: [], undone: [], waits: [], failed: [] };
    byNode.set(node, known);
    return known;
  };
  for (const mark of traces.marks) {
    const { node, phase } = parseKey(mark.key);
    if (phase === 'undo') of(node).undone.push(mark);
    else if (phase === 'wait') of(node).waits.push(mark);
    else if (phase === 'do') of(node).done.push(mark);
  }
  for (const attempt of traces.attempts) of(parseKey(attempt.key).node).failed.push(attempt);
  return plan.nodes.map((node, index) => viewOf(node, index, traces.run, of(node.name)));
}

function viewOf(node: PlanNodeJson, index: number, run: StoredRun, traces: Traces): NodeView {
  const state = stateOf(node, index, run, traces);
  const names = partNames(node, traces);
  const finished = state === 'done' || state === 'skipped' || state === 'undone';
  return {
    name: node.name,
    kind: node.kind,
    index,
    state,
    failedAttempts: traces.failed.filter(({ key }) => !key.startsWith('undo:')).length,
    undoFailed: hasUndoFailed(run, traces),
    startedAt: firstTime(traces),
    finishedAt: finished ? lastTime(traces) : null,
    parts: names.slice(-PARTS_SHOWN).map((name) => partView(node, name, state, traces)),
    partCount: names.length,
  };
}

function stateOf({ name }: PlanNodeJson, index: number, run: StoredRun, traces: Traces): NodeState {
  if (traces.undone.length > 0) return 'undone';
  if (traces.done.some(({ key, kind }) => kind === 'skipped' && key === name)) return 'skipped';
  if (index < run.cursor) return 'done';
  if (index > run.cursor) return 'not_reached';
  const gaveUp = run.status === 'failed' || run.status === 'compensating' || run.status === 'compensation_failed';
  if (gaveUp) return run.cancel ? 'not_reached' : 'failed';
  if (isTerminal(run.status)) return 'not_reached';
  if (run.worker !== null) return 'running';
  return run.startedAt === null ? 'not_reached' : 'waiting';
}

/** Attempts are kept after a retry, so what counts is whether the undo came through later. */
function hasUndoFailed(run: StoredRun, { failed, undone }: Traces): boolean {
  if (run.status !== 'compensation_failed') return false;
  const gaveUp = failed.filter(({ key, final }) => final && key.startsWith('undo:'));
  return gaveUp.some(({ key }) => !undone.some((mark) => mark.key === key));
}

/** Branches as the plan has them; of iterations and items those that left a trace, in order. */
function partNames(node: PlanNodeJson, { done, undone, failed }: Traces): string[] {
  if (node.kind === 'parallel' || node.kind === 'route') return node.branches.map(({ name }) => name);
  if (node.kind !== 'loop' && node.kind !== 'forEach') return [];
  const indexes = new Set<number>();
  for (const { key } of [...done, ...undone, ...failed]) {
    const { index } = parseKey(key);
    if (index !== null) indexes.add(index);
  }
  return [...indexes].sort((a, b) => a - b).map(String);
}

function partView(node: PlanNodeJson, name: string, whole: NodeState, traces: Traces): NodeView['parts'][number] {
  const suffix = node.kind === 'parallel' || node.kind === 'route' ? `.${name}` : `#${name}`;
  const key = node.name + suffix;
  const failed = traces.failed.filter((attempt) => attempt.key === key);
  return { name, state: partState(node, name, key, whole, traces, failed), failedAttempts: failed.length };
}

function partState(
  node: PlanNodeJson,
  name: string,
  key: string,
  whole: NodeState,
  traces: Traces,
  failed: readonly AttemptRow[],
): NodeState {
  if (traces.undone.some((mark) => mark.key === `undo:${key}`)) return 'undone';
  if (traces.done.some((mark) => mark.key === key)) return 'done';
  if (failed.some(({ final }) => final)) return 'failed';
  if (whole !== 'running' && whole !== 'waiting') return 'not_reached';
  if (node.kind === 'route') {
    const decision = traces.done.find(({ kind }) => kind === 'decision');
    if (decision?.says !== JSON.stringify(name)) return 'not_reached';
  }
  return failed.length > 0 && whole === 'waiting' ? 'waiting' : whole;
}

function firstTime({ done, waits, failed }: Traces): string | null {
  const starts = [...done, ...waits, ...failed].map(({ at, durationMs }) => at.getTime() - durationMs);
  return starts.length === 0 ? null : timeOf(new Date(Math.min(...starts)));
}

function lastTime({ done }: Traces): string | null {
  return done.length === 0 ? null : timeOf(new Date(Math.max(...done.map(({ at }) => at.getTime()))));
}

import { createHash } from 'node:crypto';
import type { PlanNode } from './plan.js';

/** What `planHash` looks at. */
export interface HashedPlan {
  readonly name: string;
  readonly version: number;
  readonly steps: readonly PlanNode[];
}

/**
 * Names the structure of a plan: sha256, in hex, of canonical JSON (keys sorted) of everything that a run in flight
 * depends on.
 *
 * In it: the workflow's name and version, and for each node in order its kind and name, the names of its branches, the
 * names of the signals that it waits for, the name of the child that it starts, and which of its units can be undone. A
 * journal row or a parked run refers to these.
 *
 * Not in it: handlers, what a compensation does, and every option that may change under a run in flight: attempts,
 * backoff, timeouts, `retryIf`, transactions, durations, limits of loops, concurrency, schemas, the child's version and
 * what happens to it. Nor the order of branches or signals, which no run depends on.
 */
export function planHash(plan: HashedPlan): string {
  const structure = { name: plan.name, version: plan.version, nodes: plan.steps.map(structureOf) };
  return createHash('sha256').update(canonicalJson(structure)).digest('hex');
}

function structureOf(node: PlanNode): Readonly<Record<string, unknown>> {
  const { type: kind, name } = node;
  switch (node.type) {
    case 'parallel':
      return { kind, name, ...branchesOf(node.entries) };
    case 'route':
      return { kind, name, ...branchesOf(Object.values(node.branches)) };
    case 'waitForSignal':
      return { kind, name, signal: typeof node.signal === 'string' ? node.signal : null };
    case 'waitForAny':
      return { kind, name, signals: [...node.signals].sort() };
    case 'childWorkflow':
      return { kind, name, child: node.childName };
    case 'step':
    case 'loop':
    case 'forEach':
      return { kind, name, ...(node.compensate ? { undone: true } : {}) };
    case 'sleep':
      return { kind, name };
  }
}

function branchesOf(branches: readonly { readonly name: string; readonly compensate?: unknown }[]) {
  const undone = branches.filter(({ compensate }) => compensate !== undefined).map(({ name }) => name);
  return { branches: branches.map(({ name }) => name).sort(), ...(undone.length > 0 ? { undone: undone.sort() } : {}) };
}

/** JSON with the keys of every object sorted, so that equal data gives equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

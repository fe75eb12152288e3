import { parseKey } from '../definition/journal-key.js';
import type { BranchJson, PlanJson, UnitJson } from '../definition/plan-json.js';
import type { StoredError } from '../storage/contract/records.js';
import type { RunFacts, WorkerFacts } from '../storage/contract/run-facts.contract.js';
import type { ExplainedCompensation, ExplainedReason, ExplainedWorker } from './run-explanation.interface.js';

/** The part of an explanation that depends on the reason. `says` goes on from "Run … of order@1", without a full stop. */
export type Explained = { readonly reason: ExplainedReason; readonly says: string; readonly next: string };

export interface ExplainDefaults {
  /** What units use that declare none, as this process's module says. */
  readonly maxAttempts: number;
}

export function at(time: Date): string {
  return time.toISOString();
}

/** ` (because)`, or nothing. */
export function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`;
}

/** `Error: no carrier`, without the full stop that a message may end with. */
export function showError({ name, message }: StoredError): string {
  return `${name}: ${message}`.replace(/\.$/, '');
}

export function explainedWorker(worker: WorkerFacts, now: Date): ExplainedWorker {
  const { id, name, host, pid, heartbeatAt } = worker;
  return { id, name, host, pid, heartbeatAgeMs: Math.max(0, now.getTime() - heartbeatAt.getTime()) };
}

/** `worker "w1" (host h, pid 7, heard of 12 s ago)` */
export function showWorker({ name, host, pid, heartbeatAgeMs }: ExplainedWorker): string {
  return `worker "${name}" (host ${host}, pid ${pid}, heard of ${Math.round(heartbeatAgeMs / 1000)} s ago)`;
}

/** How far a run is undone, by what it has journaled and by what its plan can undo. */
export function compensationOf({ journal, plan, run }: RunFacts): ExplainedCompensation {
  const undone = new Set(journal.filter(({ kind }) => kind === 'undo').map(({ key }) => key.slice('undo:'.length)));
  if (run.cancel?.compensate === false) return { undone: undone.size, total: undone.size, undoNext: null };
  const owed = journal
    .filter(({ key, kind }) => kind !== 'skipped' && parseKey(key).phase === 'do' && !undone.has(key))
    .filter(({ key }) => unitOf(plan, key)?.compensate)
    .sort((a, b) => b.position - a.position);
  return { undone: undone.size, total: undone.size + owed.length, undoNext: owed[0]?.key ?? null };
}

/** The unit of a plan that a journal key names; `undefined` for rows that are none, such as a route's decision. */
export function unitOf(plan: PlanJson | null, key: string): UnitJson | undefined {
  const { node, branch, index } = parseKey(key);
  const declared = plan?.nodes.find(({ name }) => name === node);
  switch (declared?.kind) {
    case 'step':
      return declared;
    case 'loop':
    case 'forEach':
      return index === null ? undefined : declared;
    case 'parallel':
    case 'route':
      return declared.branches.find(({ name }: BranchJson) => name === branch);
    default:
      return undefined;
  }
}

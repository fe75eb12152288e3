import { parseKey, undoKey } from '../../definition/journal-key.js';
import type { IterationHandler, PlanNode, StepHandler, StepNode, UnitOptions } from '../../definition/plan.js';
import { DeliveryLimitError } from '../../errors/index.js';
import type { JournalEntry, StoredError } from '../../storage/contract/records.js';
import { itemAt } from './for-each-items.js';
import { iterationInput } from './loop-input.js';
import type { RunSession } from './run-session.js';
import type { Unit } from './unit.js';

/** One undo that a run owes, with the unit that does it. */
export interface OwedUndo {
  readonly key: string;
  readonly unit: Unit;
  /** The isolation level of the transaction that it shares with its journal row, as the step did. */
  readonly transactional: StepNode['transactional'];
}

/**
 * What a run has to undo, in the order to do it: every journaled unit that declares a compensation and is not undone yet,
 * the last one completed first.
 */
export function owedUndos(session: RunSession): readonly OwedUndo[] {
  const owed: { position: number; undo: OwedUndo }[] = [];
  for (const entry of session.journal()) {
    const undo = undoOf(session, entry);
    if (undo && !session.entry(undo.key)) owed.push({ position: entry.position, undo });
  }
  return owed.sort((a, b) => b.position - a.position).map(({ undo }) => undo);
}

/**
 * What a run is undone for: `null` when it was canceled. A compensation that failed before, and was retried by an operator,
 * has left its own error around it.
 */
export function originalError({ cancel, error }: RunSession): StoredError | null {
  if (cancel) return null;
  const isOfCompensation = error?.step?.startsWith('undo:') || error?.code === DeliveryLimitError.code;
  return isOfCompensation ? (error?.cause ?? null) : error;
}

function undoOf(session: RunSession, entry: JournalEntry): OwedUndo | null {
  const { node, branch, index, phase } = parseKey(entry.key);
  // What an operator gave by hand was not done here, so there is nothing to undo.
  if (phase !== 'do' || entry.kind === 'skipped') return null;
  const declared = session.workflow.steps.find((candidate) => candidate.name === node);
  const options = declared && unitOptions(declared, branch, index);
  if (!declared || !options?.compensate) return null;
  const key = undoKey(entry.key);
  const unit = { key, options: undoOptions(options), call: undoCall(session, declared, options, index) };
  return { key, unit, transactional: declared.type === 'step' && declared.transactional };
}

/** What undoes an iteration or item receives its input first, as its handler did. */
function undoCall(
  session: RunSession,
  node: PlanNode,
  { compensate }: UnitOptions,
  index: number | null,
): Unit['call'] {
  if (node.type === 'loop') {
    return (ctx) => (compensate as IterationHandler)(iterationInput(session, node, index!, ctx), ctx);
  }
  if (node.type === 'forEach') {
    return (ctx) => (compensate as IterationHandler)(itemAt(session, node.name, index!), ctx);
  }
  return compensate as StepHandler;
}

/**
 * The options of the unit that a journal key names. A composite node's own row (a decision, a finished group) has none:
 * its parts are undone one by one.
 */
function unitOptions(node: PlanNode, branch: string | null, index: number | null): UnitOptions | undefined {
  switch (node.type) {
    case 'step':
      return node;
    case 'loop':
    case 'forEach':
      return index === null ? undefined : node;
    case 'parallel':
      return node.entries.find((entry) => entry.name === branch);
    case 'route':
      return branch === null ? undefined : node.branches[branch];
    default:
      return undefined;
  }
}

/**
 * An undo follows the module's retry policy, not the step's: a step may be declared to be tried once just because it is
 * dangerous to repeat, while an undo that fails leaves the business in between.
 */
function undoOptions(options: UnitOptions): Unit['options'] {
  const { maxAttempts, backoff, timeoutMs } = options;
  return { maxAttempts, backoff, declared: {}, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

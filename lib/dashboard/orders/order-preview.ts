import { createHash } from 'node:crypto';
import { isResumeSignal, parseKey } from '../../definition/journal-key.js';
import type { PlanJson } from '../../definition/plan-json.js';
import { isTerminal } from '../../definition/run-state.js';
import { unitOf } from '../../runner/explained.js';
import type { MarkRow } from '../../storage/contract/dashboard-store.contract.js';
import type { StoredRun } from '../../storage/contract/run-admin.contract.js';
import type { PreviewAnswer, RunAction } from '../api/dashboard-api.contract.js';
import type { Order } from './order-body.js';

/** What a preview is made of. */
export interface PreviewFacts {
  readonly run: StoredRun;
  readonly plan: PlanJson | null;
  readonly marks: readonly MarkRow[];
  readonly children: readonly StoredRun[];
  /** Why the order would be refused; `null` when it would be accepted. */
  readonly refusal: string | null;
}

type Effects = Omit<PreviewAnswer, 'action' | 'possible' | 'fingerprint'>;

const NOTHING = { effects: [], undo: [], redo: [], children: [] };

/** Says what an order would do, from the run as it is. Pure. */
export function previewOf(order: Order, facts: PreviewFacts): PreviewAnswer {
  const { action } = order;
  const fingerprint = fingerprintOf(action, facts.run);
  if (facts.refusal !== null) return { action, possible: false, summary: facts.refusal, ...NOTHING, fingerprint };
  return { action, possible: true, ...effectsOf(order, facts), fingerprint };
}

/**
 * What a preview depends on. Of a run that a worker executes the place is left out: it is another one by the time that
 * somebody has read the preview, and what was said holds for it too.
 */
export function fingerprintOf(action: RunAction, run: StoredRun): string {
  const { id, status, planHash, cursor, worker, awaiting, cancel, pausedAt } = run;
  const place = worker === null ? [cursor, awaiting] : null;
  const facts = [action, id, status, planHash, place, cancel !== null, pausedAt !== null];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 22);
}

/** Units whose undo a cancel runs, in the order of undoing: what completed last comes first. */
export function owedUndos({ plan, marks }: Pick<PreviewFacts, 'plan' | 'marks'>): string[] {
  const undone = new Set(marks.filter(({ kind }) => kind === 'undo').map(({ key }) => key.slice('undo:'.length)));
  return marks
    .filter(({ key, kind }) => kind !== 'skipped' && parseKey(key).phase === 'do' && !undone.has(key))
    .filter(({ key }) => unitOf(plan, key)?.compensate)
    .sort((a, b) => b.position - a.position)
    .map(({ key }) => key);
}

function effectsOf(order: Order, facts: PreviewFacts): Effects {
  const { run, plan } = facts;
  const node = plan?.nodes[run.cursor]?.name ?? `step ${run.cursor + 1}`;
  const only = (summary: string, ...effects: string[]): Effects => ({ ...NOTHING, summary, effects });
  switch (order.action) {
    case 'cancel':
      return cancelEffects(order, facts, node);
    case 'terminate':
      return terminateEffects(facts);
    case 'retry':
      return retryEffects(order, facts, node);
    case 'signal':
      return run.awaiting?.includes(order.name)
        ? only(`The run waits for "${order.name}" and takes it now.`)
        : only(`The run does not wait for "${order.name}" now: the signal is kept for a later wait of that name.`);
    case 'resume':
      return only(`Its step "${node}" is entered again, with what you give as its data.`);
    case 'skip':
      return skipEffects(facts, node);
    case 'pause':
      return run.worker === null
        ? only('No worker takes the run until it is unpaused. Its timers go on, and signals are kept.')
        : only('The step in progress is finished; nothing else is begun until the run is unpaused.');
    case 'unpause':
      return only('Workers may take the run again. What became due meanwhile is done now.');
    case 'migrate':
      return only(`The run goes on by version ${order.to}. Nodes are found by name.`);
  }
}

function cancelEffects(order: Order, facts: PreviewFacts, node: string): Effects {
  const { run } = facts;
  const undo = order.compensate ? owedUndos(facts) : [];
  const children = childrenOf(facts);
  const effects: string[] = [];
  if (run.worker !== null) {
    effects.push(`"${node}" is told to stop.${order.compensate ? ' If it still finishes, it is undone too.' : ''}`);
  }
  if (!order.compensate) effects.push('Nothing is undone: what the run has done stays.');
  if (run.pausedAt) effects.push('Its pause is lifted.');
  const undone = undo.length === 0 ? 'nothing has to be undone' : `${plural(undo.length, 'step')} will be undone`;
  return { ...NOTHING, summary: `The run ends as canceled; ${undone}.`, effects, undo, children };
}

function terminateEffects(facts: PreviewFacts): Effects {
  const children = childrenOf(facts);
  const owed = owedUndos(facts);
  const effects = owed.length === 0 ? [] : [`Not undone: ${owed.join(', ')}.`];
  if (facts.run.parentId) effects.push('A parent that waits for it goes on with its failure.');
  return { ...NOTHING, summary: 'The run ends at once as canceled. Nothing is undone.', effects, children };
}

function skipEffects(facts: PreviewFacts, node: string): Effects {
  const children = childrenOf(facts);
  const effects = ['Nothing of it is undone later but what it had journaled itself.'];
  const summary = `"${node}" is not executed: what you give is its result, and the run goes on behind it.`;
  return { ...NOTHING, summary, effects, children };
}

function retryEffects({ from }: Order, { run, plan, marks }: PreviewFacts, node: string): Effects {
  if (from === undefined && run.status === 'compensation_failed') {
    return {
      ...NOTHING,
      summary: 'The undo that gave up is attempted again, and those behind it follow.',
      effects: [],
    };
  }
  const names = plan?.nodes.map(({ name }) => name) ?? [];
  const first = from === undefined ? run.cursor : names.indexOf(from);
  const redo = names.slice(first, run.cursor + 1);
  const begun = new Set(marks.map(({ key }) => parseKey(key).node));
  const isArchived = from !== undefined && redo.some((name) => begun.has(name));
  const effects = isArchived ? ['What these nodes did before is kept in the archive of the journal.'] : [];
  return { ...NOTHING, summary: `The run goes on from "${from ?? node}", with its attempts back.`, effects, redo };
}

/** Children that follow the end of their parent, as the plan's nodes say. */
function childrenOf({ children, plan }: PreviewFacts): PreviewAnswer['children'] {
  return children.flatMap(({ id, workflow: workflowName, status, parentKey }) => {
    const node = plan?.nodes.find(({ name }) => name === parentKey);
    if (isTerminal(status) || node?.kind !== 'childWorkflow' || node.parentClose === 'abandon') return [];
    const becomes = node.parentClose === 'terminate' ? 'terminated' : 'canceled';
    return status === 'compensating' && becomes === 'canceled' ? [] : [{ id, workflowName, becomes }];
  });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The signal that a step waits for after it was suspended is resumed, not signalled. */
export function refusedSignal({ action, name }: Order): string | null {
  return action === 'signal' && isResumeSignal(name) ? 'Names of signals do not begin with "resume:".' : null;
}

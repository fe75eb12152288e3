import { isTerminal } from '../definition/run-state.js';
import { PlanChangedError, type PlanDifference } from '../errors/index.js';
import type { RunFacts } from '../storage/contract/run-facts.contract.js';
import { explainDue } from './explain-due.js';
import { explainEnded } from './explain-ended.js';
import { explainHeld } from './explain-held.js';
import { explainParked } from './explain-parked.js';
import { explainPaused } from './explain-paused.js';
import type { ExplainDefaults, Explained } from './explained.js';
import type { RunExplanation } from './run-explanation.interface.js';

/**
 * Says why a run is where it is, and what moves it on. Pure: everything that it knows is in the facts.
 *
 * What keeps the run from moving comes first: that it has ended, is held, is paused or stopped, or is due and nobody takes
 * it; only then what it waits for by itself.
 */
export function explainRun(facts: RunFacts, defaults: ExplainDefaults): RunExplanation {
  const { run, plan, now } = facts;
  const node = plan?.nodes[run.cursor];
  const { reason, says, next } = explained(facts, defaults);
  return {
    ...reason,
    runId: run.id,
    workflowName: run.workflow,
    version: run.version,
    status: run.status,
    now,
    node: node ? { name: node.name, kind: node.kind, index: run.cursor } : null,
    deadlineAt: run.deadlineAt,
    summary: `Run ${run.id} of ${run.workflow}@${run.version} ${says}.`,
    next,
  };
}

function explained(facts: RunFacts, defaults: ExplainDefaults): Explained {
  const { run, now } = facts;
  if (isTerminal(run.status)) return explainEnded(facts);
  if (run.worker !== null) return explainHeld(facts);
  if (run.pausedAt || facts.workflowPause) return explainPaused(facts, null);
  if (run.error?.code === PlanChangedError.code && run.dueAt === null) return planChanged(facts);
  if (run.dueAt !== null && run.dueAt <= now) return explainDue(facts, run.dueAt);
  return explainParked(facts, defaults);
}

function planChanged({ run }: RunFacts): Explained {
  const error = run.error!;
  const data = error.data as { readonly differences?: readonly PlanDifference[] } | undefined;
  const differences = data?.differences ?? [];
  const texts = differences.length === 0 ? error.message : differences.map(({ text }) => text).join('; ');
  return {
    reason: { reason: 'plan_changed', differences, error },
    says: `stands still, because its plan changed under it: ${texts.replace(/\.$/, '')}`,
    next: 'Deploy the former plan again, or migrate the run.',
  };
}

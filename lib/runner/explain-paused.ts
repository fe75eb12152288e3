import type { RunFacts } from '../storage/contract/run-facts.contract.js';
import { at, because, showWorker, type Explained } from './explained.js';
import type { ExplainedWorker } from './run-explanation.interface.js';

/** A run that an operator keeps from going on, by itself or with its workflow. */
export function explainPaused(facts: RunFacts, worker: ExplainedWorker | null): Explained {
  const { run, workflowPause } = facts;
  const isRun = run.pausedAt !== null;
  const since = run.pausedAt ?? workflowPause!.pausedAt;
  const { by, reason } = (isRun ? facts.pausedBy : workflowPause) ?? { by: null, reason: null };
  const finishing = worker === null ? '' : `, once ${showWorker(worker)} has finished what it is at`;
  const workflow = workflowPause?.version === null ? run.workflow : `${run.workflow}@${run.version}`;
  return {
    reason: { reason: 'paused', target: isRun ? 'run' : 'workflow', since, by, pauseReason: reason, worker },
    says:
      `stands still${finishing}, because ${isRun ? 'it' : 'its workflow'} was paused` +
      `${by === null ? '' : ` by ${by}`} at ${at(since)}${because(reason)}`,
    next: `It goes on once ${isRun ? 'it' : workflow} is unpaused; what became due meanwhile is done then.`,
  };
}

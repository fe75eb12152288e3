import type { RunFacts } from '../storage/contract/run-facts.contract.js';
import { because, compensationOf, explainedWorker, showWorker, type Explained } from './explained.js';
import { explainPaused } from './explain-paused.js';

/** A run that a worker's name stands on: what that worker does with it, or that it is not heard of any more. */
export function explainHeld(facts: RunFacts): Explained {
  const { run, holder, now } = facts;
  if (holder === null || holder.expiresAt <= now) return lost(facts);
  const worker = explainedWorker(holder, now);
  const by = showWorker(worker);
  const unit = `"${facts.plan?.nodes[run.cursor]?.name ?? run.cursor}"`;
  if (run.pausedAt || facts.workflowPause) return explainPaused(facts, worker);
  if (run.status === 'compensating') {
    const compensation = compensationOf(facts);
    const { undone, total, undoNext } = compensation;
    const doing = undoNext === null ? '' : `: ${by} undoes "${undoNext}"`;
    return {
      reason: { reason: 'compensating', worker, ...compensation },
      says: `is being undone (${undone} of ${total} done)${doing}`,
      next: `It ends as ${run.cancel ? 'canceled' : 'failed'} once everything is undone.`,
    };
  }
  if (run.cancel) {
    return {
      reason: { reason: 'canceling', cancelReason: run.cancel.reason, worker },
      says: `is to be canceled${because(run.cancel.reason)}, and waits for ${unit}, which ${by} executes`,
      next: 'The abort signal of what is executed has fired; once it has returned, what completed is undone.',
    };
  }
  return {
    reason: { reason: 'held', worker },
    says: `is at ${unit}, which ${by} executes`,
    next: 'It goes on once that has finished.',
  };
}

function lost({ run, holder, now, workers }: RunFacts): Explained {
  const worker = holder && explainedWorker(holder, now);
  const who = worker === null ? 'a worker that is gone' : showWorker(worker);
  return {
    reason: { reason: 'holder_lost', worker },
    says: `is held by ${who}, whose lease has ended`,
    next:
      workers.length === 0
        ? `It goes on once a worker of queue "${run.queue}" is started that registers ${run.workflow}@${run.version}.`
        : 'The living workers take its runs back within a second.',
  };
}

import type { RunFacts } from '../storage/contract/run-facts.contract.js';
import { at, because, compensationOf, type Explained } from './explained.js';

/** A run that could be taken: who takes it, or why nobody does. */
export function explainDue(facts: RunFacts, since: Date): Explained {
  const { run, workers } = facts;
  const { queue } = run;
  const wanted = `${run.workflow}@${run.version}`;
  const due = `${stateOf(facts)} due since ${at(since)}`;
  const serving = workers.filter((worker) => worker.queue === queue);
  if (serving.length === 0) {
    const elsewhere = [...new Set(workers.map((worker) => worker.queue))].sort();
    const hint = elsewhere.length === 0 ? '' : `; ${wanted} is registered by workers of: ${elsewhere.join(', ')}`;
    return {
      reason: { reason: 'no_worker', since, queue },
      says: `${due}, but no living worker serves queue "${queue}"${hint}`,
      next: `It is taken once a worker of queue "${queue}" is started that registers ${wanted}.`,
    };
  }
  const able = serving.filter(({ workflows }) => workflows.includes(wanted));
  if (able.length === 0) {
    const registered = [...new Set(serving.flatMap(({ workflows }) => workflows))]
      .filter((name) => name.startsWith(`${run.workflow}@`))
      .sort();
    const hint = registered.length === 0 ? '' : ` (registered: ${registered.join(', ')})`;
    return {
      reason: { reason: 'not_registered', since, queue, registered },
      says: `${due}, but no living worker of queue "${queue}" registers ${wanted}${hint}`,
      next: `Deploy a worker that registers ${wanted}, or migrate the run to another version.`,
    };
  }
  if (able.every(({ held, slots }) => held >= slots)) {
    const slots = able.reduce((sum, worker) => sum + worker.slots, 0);
    return {
      reason: { reason: 'workers_busy', since, workers: able.length, slots },
      says: `${due}, but all ${slots} slots of the ${able.length} living workers that could take it are in use`,
      next: 'It is taken when a slot comes free; higher priorities go first.',
    };
  }
  return {
    reason: reasonOf(facts, since),
    says: `${due}, and about to be taken`,
    next: 'A worker takes it with its next claim.',
  };
}

/** What a worker that takes it does with it. */
function stateOf(facts: RunFacts): string {
  const { run } = facts;
  if (run.status === 'compensating') {
    const { undone, total } = compensationOf(facts);
    return `is being undone (${undone} of ${total} done) and is`;
  }
  return run.cancel ? `is to be canceled${because(run.cancel.reason)} and is` : 'is';
}

function reasonOf(facts: RunFacts, since: Date): Explained['reason'] {
  const { run } = facts;
  if (run.status === 'compensating') return { reason: 'compensating', worker: null, ...compensationOf(facts) };
  if (run.cancel) return { reason: 'canceling', cancelReason: run.cancel.reason, worker: null };
  return { reason: 'due', since };
}

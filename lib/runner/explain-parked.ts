import { isResumeSignal, waitKey } from '../definition/journal-key.js';
import type { RunFacts } from '../storage/contract/run-facts.contract.js';
import { at, compensationOf, showError, unitOf, type ExplainDefaults, type Explained } from './explained.js';
import type { ExplainedRetry } from './run-explanation.interface.js';

/** What the row of a wait says; see the engine's suspension. */
interface Wait {
  readonly until: string | null;
  readonly signals?: readonly string[];
}

/** A run that nobody keeps from going on: it waits for a time, a signal, a child, `resume` or its next attempt. */
export function explainParked(facts: RunFacts, defaults: ExplainDefaults): Explained {
  const { run, plan } = facts;
  const node = plan?.nodes[run.cursor];
  if (run.status === 'pending' && run.dueAt) return delayed(facts, run.dueAt);
  if (run.status === 'compensating' && run.dueAt) return undoLater(facts, run.dueAt);
  if (run.awaiting?.some(isResumeSignal)) return suspended(facts, node?.name);
  const wait = node && waitOf(facts, node.name);
  const place = node ? ` (node "${node.name}")` : '';
  if (wait && node.kind === 'sleep') return sleeping(wait, place);
  if (wait && node.kind === 'childWorkflow') return waitingForChild(facts, place);
  if (wait?.signals || run.awaiting) return waitingForSignal(facts, wait?.signals ?? run.awaiting!, wait, place);
  const failing = facts.failing.find(({ final }) => !final);
  if (failing && run.dueAt) return retrying(facts, retryOf(facts, failing, defaults), run.dueAt);
  const until = run.dueAt ? ` until ${at(run.dueAt)}` : '';
  return {
    reason: { reason: 'parked', until: run.dueAt },
    says: `is parked${until}${place}, for a reason that is in a plan which is not stored`,
    next: run.dueAt ? 'A worker takes it then.' : 'Look at its journal.',
  };
}

function delayed({ run }: RunFacts, until: Date): Explained {
  return {
    reason: { reason: 'delayed', until },
    says:
      run.startedAt === null
        ? `is not to begin before ${at(until)}`
        : `was given back by a worker after an error of the engine or the database, until ${at(until)}`,
    next: 'A worker takes it then.',
  };
}

function undoLater(facts: RunFacts, until: Date): Explained {
  const compensation = compensationOf(facts);
  const { undone, total, undoNext } = compensation;
  const failing = facts.failing[0];
  const failed = failing ? `failed (${showError(failing.error)}) and ` : '';
  return {
    reason: { reason: 'compensating', worker: null, ...compensation },
    says: `is being undone (${undone} of ${total} done): the undo of "${undoNext}" ${failed}is attempted again at ${at(until)}`,
    next: 'A worker takes it then.',
  };
}

function suspended({ run }: RunFacts, node: string | undefined): Explained {
  return {
    reason: { reason: 'waiting_for_resume' },
    says: `waits for resume: its step "${node ?? run.cursor}" is suspended`,
    next: 'A resume enters the step again, with the data that it brings.',
  };
}

function sleeping({ until }: Wait, place: string): Explained {
  const time = until === null ? null : new Date(until);
  return {
    reason: { reason: 'sleeping', until: time },
    says: `sleeps${time ? ` until ${at(time)}` : ''}${place}`,
    next: 'A worker takes it then.',
  };
}

function waitingForSignal(
  { run }: RunFacts,
  signals: readonly string[],
  wait: Wait | undefined,
  place: string,
): Explained {
  const until = wait?.until ? new Date(wait.until) : wait ? null : run.dueAt;
  const names = signals.map((name) => `"${name}"`).join(' or ');
  return {
    reason: { reason: 'waiting_for_signal', signals, until },
    says: `waits for signal ${names}${until ? ` until ${at(until)}` : ''}${place}`,
    next: `${signals.length === 1 ? 'That signal wakes' : 'The first of these signals wakes'} it${until ? '; after that time it goes on with null' : ''}.`,
  };
}

function waitingForChild({ child }: RunFacts, place: string): Explained {
  if (!child) {
    return {
      reason: { reason: 'parked', until: null },
      says: `waits for a child that does not exist any more${place}`,
      next: 'Skip the node, or terminate the run.',
    };
  }
  const { id, workflow, version, status } = child;
  return {
    reason: { reason: 'waiting_for_child', child: { id, workflowName: workflow, version, status } },
    says: `waits for its child ${id} of ${workflow}@${version}, which is ${status}${place}`,
    next: 'The end of the child wakes it. The explanation of the child says why that is where it is.',
  };
}

function retrying({ failing }: RunFacts, retry: ExplainedRetry, until: Date): Explained {
  const { unit, failed, maxAttempts, error } = retry;
  const more = failing.length - 1;
  const others =
    more === 0 ? '' : more === 1 ? '; another part of the node failed too' : `; ${more} other parts failed too`;
  return {
    reason: { reason: 'waiting_for_retry', until, ...retry },
    says: `waits for attempt ${failed + 1} of ${maxAttempts} of "${unit}" at ${at(until)}, after ${showError(error)}${others}`,
    next: 'A worker takes it then; when no attempt is left, what completed is undone.',
  };
}

function retryOf(
  { plan }: RunFacts,
  { key, attempts, error }: RunFacts['failing'][number],
  defaults: ExplainDefaults,
): ExplainedRetry {
  const maxAttempts = unitOf(plan, key)?.maxAttempts ?? defaults.maxAttempts;
  return { unit: key, failed: attempts, maxAttempts, error };
}

function waitOf({ journal }: RunFacts, node: string): Wait | undefined {
  const row = journal.find(({ key }) => key === waitKey(node));
  return row?.wait ? (JSON.parse(row.wait) as Wait) : undefined;
}

import { InvalidOptionError, RunNotRetryableError, RunNotSkippableError } from '../errors/index.js';
import type { RetryOutcome, SkipOutcome } from '../storage/contract/run-repair.contract.js';

/** Why a run cannot be retried as asked, and what can be done instead. */
export function retryRefusal(
  runId: string,
  from: string | undefined,
  outcome: Exclude<RetryOutcome, { readonly outcome: 'accepted' }>,
): Error {
  const { status } = outcome;
  switch (outcome.outcome) {
    case 'not_failed':
      return new RunNotRetryableError(runId, status, 'only runs that failed can be retried');
    case 'undone': {
      const nodes = outcome.nodes.join(', ');
      const fix = `retry from "${outcome.nodes.at(-1)}" or an earlier node, which does it again`;
      return new RunNotRetryableError(runId, status, `what it would build upon has been undone: ${nodes}; ${fix}`);
    }
    case 'canceling':
      return new RunNotRetryableError(runId, status, 'it was canceled, so it goes on undoing: retry it without `from`');
    case 'not_reached':
      return new RunNotRetryableError(
        runId,
        status,
        `it has not reached "${from}"; it can go on from: ${outcome.nodes.join(', ')}`,
      );
    case 'unknown_node':
      return new InvalidOptionError('from', from, `a node of the run's plan: ${outcome.nodes.join(', ')}`);
  }
}

/** Why a node cannot be skipped, and what can be done instead. */
export function skipRefusal(
  runId: string,
  node: string,
  outcome: Exclude<SkipOutcome, { readonly outcome: 'accepted' }>,
): RunNotSkippableError {
  const { status } = outcome;
  switch (outcome.outcome) {
    case 'not_skippable':
      return new RunNotSkippableError(
        runId,
        node,
        status,
        outcome.held
          ? 'a worker executes the run; pause it first, and skip once it has been let go'
          : 'only the node that a failed or parked run stands at can be',
      );
    case 'undone': {
      const nodes = outcome.nodes.join(', ');
      return new RunNotSkippableError(runId, node, status, `what it would build upon has been undone: ${nodes}`);
    }
    case 'other_node': {
      const place = outcome.current === null ? 'at the end of its plan' : `at "${outcome.current}"`;
      return new RunNotSkippableError(runId, node, status, `the run stands ${place}`);
    }
  }
}

import type { RunFacts } from '../storage/contract/run-facts.contract.js';
import { at, because, compensationOf, showError, type Explained } from './explained.js';

/** How a run has ended, when, and what can be done about it. */
export function explainEnded(facts: RunFacts): Explained {
  const { run } = facts;
  const reason = { reason: 'ended' as const, at: run.finishedAt, error: run.error };
  const when = run.finishedAt === null ? '' : ` at ${at(run.finishedAt)}`;
  const step = run.error?.step === undefined ? '' : ` in "${run.error.step}"`;
  const why = run.error === null ? '' : `: ${showError(run.error)}`;
  switch (run.status) {
    case 'canceled':
      return {
        reason,
        says: `${canceled(facts)}${because(run.cancel?.reason ?? null)}${when}`,
        next: 'Nothing. To do the work after all, start another run.',
      };
    case 'failed':
      return {
        reason,
        says: `failed${step}${when}${why}`,
        next: 'Once the cause is removed, a retry goes on from there; where work was undone, from an earlier node.',
      };
    case 'compensation_failed': {
      const { undone, total } = compensationOf(facts);
      return {
        reason,
        says: `failed, and undoing what it had done failed too${step}, with ${undone} of ${total} undone${when}${why}`,
        next: 'Once the cause is removed, a retry goes on undoing.',
      };
    }
    default:
      return { reason, says: `has completed${when}`, next: 'Nothing: its results are there.' };
  }
}

function canceled({ run }: RunFacts): string {
  if (run.cancel?.terminated) return 'was terminated, with nothing undone';
  return run.cancel?.compensate === false ? 'was canceled, with nothing undone' : 'was canceled';
}

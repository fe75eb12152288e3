import type { Clock } from '../../common/clock.js';
import type { IsolationLevel } from '../../definition/plan.js';
import { StoreUnavailableError } from '../../errors/index.js';
import type { Checkpoint, CheckpointOutcome } from '../../storage/contract/records.js';
import { WorkFailedError, type RunStore } from '../../storage/contract/run-store.contract.js';
import type { AttemptResult, AttemptRunner, Succeeded } from './attempt-runner.js';
import type { OpenTransactions } from './open-transactions.js';
import type { RunSession } from './run-session.js';
import type { Unit } from './unit.js';

/** What came of a unit that was attempted in a transaction. */
export type TransactionalResult =
  | { readonly outcome: 'written'; readonly checkpoint: Checkpoint; readonly written: CheckpointOutcome }
  | Exclude<AttemptResult, Succeeded>;

/**
 * Makes attempts of units whose effect and checkpoint commit together: transactional steps, and what undoes them.
 *
 * The time of an attempt is that of its transaction: the waits for a connection and for the lock of the run's row count,
 * and so do further tries after a conflict. A commit that fails is a failed attempt of the unit. One whose outcome nobody knows is neither: it rejects, and the
 * journal tells whoever takes the run next.
 */
export class TransactionalAttempts {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly store: RunStore,
    private readonly clock: Clock,
    private readonly open: OpenTransactions,
  ) {}

  /**
   * @param checkpointOf the checkpoint to commit with what the handler did.
   * @throws StoreUnavailableError when the unit may have been committed.
   */
  async attempt(
    session: RunSession,
    unit: Unit,
    isolation: IsolationLevel,
    checkpointOf: (result: Succeeded) => Checkpoint,
  ): Promise<TransactionalResult> {
    const plain: Unit = { ...unit, call: async (ctx) => this.store.plainResult(await unit.call(ctx)) };
    const until = this.clock.monotonic() + this.attempts.allowedMs(session, unit);
    const error = (): Error => this.attempts.timeoutError(session, unit);
    const watch = this.open.watch(session, this.clock, { until, error });
    let began = performance.now();
    let result: AttemptResult | null = null;
    let checkpoint: Checkpoint | null = null;
    try {
      const written = await this.store.transact({
        runId: session.id,
        isolation,
        signal: watch.signal,
        work: async (manager) => {
          watch.rest();
          try {
            result = await this.attempts.attempt(session, plain, { manager, until });
          } finally {
            watch.resume();
          }
          if (result.outcome !== 'succeeded') {
            throw new WorkFailedError(result.outcome === 'failed' ? result.thrown : null);
          }
          // What came before the handler, a wait for a connection or a try that met a conflict, is no part of the attempt.
          began = performance.now() - result.durationMs;
          checkpoint = checkpointOf(result);
          return checkpoint;
        },
      });
      return { outcome: 'written', checkpoint: checkpoint!, written };
    } catch (error) {
      if (session.lost) return { outcome: 'abandoned' };
      if (error instanceof WorkFailedError && result) return result;
      if (error instanceof StoreUnavailableError) throw error;
      const attempt = (session.failuresOf(unit.key)?.attempts ?? 0) + 1;
      return this.attempts.failed(unit, attempt, performance.now() - began, error);
    } finally {
      watch.rest();
    }
  }
}

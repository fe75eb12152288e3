import { andThen, type Awaitable } from '../../common/awaitable.js';
import { toStoredError } from '../../common/stored-error.js';
import type { PlanNode } from '../../definition/plan.js';
import type { RunStatus } from '../../definition/run-state.js';
import { CheckpointRejectedError, DeliveryLimitError, RunTimeoutError } from '../../errors/index.js';
import type { Checkpoint, FailedAttempt, StoredError } from '../../storage/contract/records.js';
import type { FailedResult } from './attempt-runner.js';
import { owedUndos } from './compensation.js';
import type { Compensator } from './compensator.js';
import type { EngineLimits } from './engine-limits.js';
import type { Family } from './family.js';
import type { Interruptions } from './interruptions.js';
import { isJournaled } from './is-journaled.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { PlanAdmission } from './plan-admission.js';
import type { RunSession } from './run-session.js';
import type { SessionWriter } from './session-writer.js';
import { complete, end, handBack, nodeDone, park, startCompensating } from './transition.js';

/** One executor a node kind. */
export type NodeExecutors = {
  readonly [T in PlanNode['type']]: NodeExecutor<Extract<PlanNode, { type: T }>>;
};

/** What a turn came to: whether the run is held and goes on, or the checkpoint that decides it once it is written. */
type Turned = boolean | Checkpoint;

/**
 * Moves one held run through its plan until it ends, parks, is handed back or is lost.
 *
 * Each turn looks at the session, does one thing, and writes one checkpoint; the next turn begins only when that has
 * committed. Everything it knows is in the session, so a turn may be the first after a crash.
 */
export class RunExecutor {
  constructor(
    private readonly writer: SessionWriter,
    private readonly executors: NodeExecutors,
    private readonly compensator: Compensator,
    private readonly limits: EngineLimits,
    private readonly interruptions: Interruptions,
    private readonly family: Family,
    private readonly plans: PlanAdmission,
  ) {}

  /** Resolves with the status in which the run left this worker, or `null` when it was lost. */
  async execute(session: RunSession): Promise<RunStatus | null> {
    let going = await this.admit(session);
    while (going && !session.lost) {
      try {
        const turned = this.turn(session);
        const next = turned instanceof Promise ? await turned : turned;
        going = typeof next === 'boolean' ? next : this.writer.take(session, next, await this.writer.write(next));
      } catch (error) {
        going = await this.refused(session, error);
      }
    }
    return session.lost ? null : session.status;
  }

  /** The database refuses what a unit returned although it passed the payload rules: that unit has failed for good. */
  private async refused(session: RunSession, error: unknown): Promise<boolean> {
    if (session.lost) return false;
    if (!(error instanceof CheckpointRejectedError) || session.status === 'compensating') throw error;
    return this.giveUp(session, toStoredError(error, session.workflow.steps[session.cursor]?.name));
  }

  /**
   * Nothing is executed of a run whose plan has changed under it, nor of one that was delivered too often and is suspected
   * to kill its workers.
   */
  private admit(session: RunSession): Awaitable<boolean> {
    return andThen(this.plans.admit(session), (admitted) => admitted && this.admitDelivery(session));
  }

  private admitDelivery(session: RunSession): Awaitable<boolean> {
    if (session.deliveries <= this.limits.maxDeliveries) return true;
    const error = toStoredError(new DeliveryLimitError(session.id, session.deliveries - 1));
    if (session.status === 'compensating') return this.compensator.failed(session, error);
    return this.writer.commit(session, end(session, 'failed', { error, whateverCame: true }));
  }

  /**
   * Not async itself, like all that a step passes through on its way to the journal: each promise between costs a tenth of
   * what the engine takes for a step.
   */
  private turn(session: RunSession): Awaitable<Turned> {
    if (session.status === 'compensating') return this.compensator.compensate(session);
    if (session.cancel) return this.beginCancel(session);
    if (this.interruptions.isOverdue(session)) {
      return this.giveUp(session, toStoredError(new RunTimeoutError(session.id)));
    }
    if (session.cursor >= session.workflow.steps.length) return complete(session);
    if (this.interruptions.letsGo(session)) return handBack(session);
    return this.executeNode(session, session.workflow.steps[session.cursor]);
  }

  private executeNode(session: RunSession, node: PlanNode): Awaitable<Turned> {
    if (isJournaled(session, node)) return nodeDone(session, [], this.interruptions.letsGo(session));
    const executor = this.executors[node.type] as NodeExecutor;
    return andThen(executor.execute(session, node), (outcome) => this.goOn(session, outcome));
  }

  private goOn(session: RunSession, outcome: NodeOutcome): Awaitable<Turned> {
    switch (outcome.type) {
      case 'done':
        return nodeDone(session, outcome.journal, this.interruptions.letsGo(session), outcome.consumed);
      case 'written':
        return this.writer.take(session, outcome.checkpoint, outcome.outcome);
      case 'failed':
        return this.retryOrGiveUp(session, outcome.result);
      case 'park':
        return park(session, outcome);
      case 'givenUp':
        return this.giveUp(session, outcome.error);
      case 'retryAt':
        return this.writer.commitRetry(session, [], outcome.delayMs);
      case 'interrupted':
        return true;
      case 'abandoned':
        return false;
    }
  }

  private retryOrGiveUp(session: RunSession, { failure, retryInMs }: FailedResult): Promise<boolean> {
    if (session.cancel || retryInMs === null) return this.giveUp(session, failure.error, [failure]);
    return this.writer.commitRetry(session, [failure], retryInMs);
  }

  /** Nothing more goes forward. What completed is undone, if anything of it says how. */
  private async giveUp(
    session: RunSession,
    error: StoredError,
    attempts: readonly FailedAttempt[] = [],
  ): Promise<boolean> {
    await this.family.close(session);
    if (session.cancel) return this.beginCancel(session, attempts);
    if (owedUndos(session).length === 0) {
      // Only a cancel may be in the way: after any other news the unit that gave up would be attempted once more.
      return this.writer.commitUnlessCanceled(session, (first) => {
        return end(session, 'failed', { error, attempts: first ? attempts : [] });
      });
    }
    return this.writer.commit(session, startCompensating(session, error, attempts));
  }

  private async beginCancel(session: RunSession, attempts: readonly FailedAttempt[] = []): Promise<boolean> {
    await this.family.close(session);
    if (session.cancel!.compensate && owedUndos(session).length > 0) {
      return this.writer.commit(session, startCompensating(session, session.error, attempts));
    }
    return this.writer.commit(session, end(session, 'canceled', { attempts }));
  }
}

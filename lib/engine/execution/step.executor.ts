import { andThen, type Awaitable } from '../../common/awaitable.js';
import { resumeSignal, waitKey } from '../../definition/journal-key.js';
import type { IsolationLevel, StepNode } from '../../definition/plan.js';
import type { Checkpoint } from '../../storage/contract/records.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { AttemptResult, AttemptRunner, Succeeded } from './attempt-runner.js';
import type { Interruptions } from './interruptions.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';
import type { TransactionalAttempts } from './transactional-attempts.js';
import { nodeDone, park } from './transition.js';
import type { Unit } from './unit.js';

/** How a step is entered: for the first time, or again with what `resume` brought. */
interface Entry {
  readonly unit: Unit;
  /** How often the step has been suspended. */
  readonly suspensions: number;
  readonly consumed: Checkpoint['consumed'];
}

/**
 * Executes a step: one unit, whose journal row moves the run to the next node. A step that returns a suspension is parked
 * with it, and entered again once `resume` has brought what it waits for.
 */
export class StepExecutor implements NodeExecutor<StepNode> {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly transactions: TransactionalAttempts,
    private readonly store: RunStore,
    private readonly interruptions: Interruptions,
  ) {}

  execute(session: RunSession, node: StepNode): Awaitable<NodeOutcome> {
    const unit: Unit = { key: node.name, options: node, call: node.handler };
    if (session.entry(suspensionKey(node.name, 0))) return this.enterAgain(session, node, unit);
    return this.enter(session, node, { unit, suspensions: 0, consumed: NOTHING });
  }

  private enter(session: RunSession, node: StepNode, entry: Entry): Awaitable<NodeOutcome> {
    if (node.transactional !== false) return this.inTransaction(session, node.transactional, entry);
    return andThen(this.attempts.attempt(session, entry.unit), (result): NodeOutcome => {
      return result.outcome === 'succeeded' ? succeeded(session, entry, result) : unsuccessful(result);
    });
  }

  /** The step was suspended: it goes on with what has come for it, or waits. */
  private async enterAgain(session: RunSession, node: StepNode, unit: Unit): Promise<NodeOutcome> {
    const seen = session.wakeups;
    let suspensions = 1;
    while (session.entry(suspensionKey(node.name, suspensions))) suspensions++;
    const signal = await this.store.nextSignal(session.id, [resumeSignal(node.name)]);
    if (!signal) return { type: 'park', due: null, awaiting: [resumeSignal(node.name)], seen };
    const suspension = session.entry(suspensionKey(node.name, suspensions - 1))!.result;
    const resumed = { suspension, data: signal.payload };
    const consumed = [{ signalId: signal.id, key: node.name }];
    return this.enter(session, node, { unit: { ...unit, resumed }, suspensions, consumed });
  }

  private async inTransaction(session: RunSession, isolation: IsolationLevel, entry: Entry): Promise<NodeOutcome> {
    const result = await this.transactions.attempt(session, entry.unit, isolation, (done) => {
      return this.checkpointOf(session, succeeded(session, entry, done));
    });
    return result.outcome === 'written'
      ? { type: 'written', checkpoint: result.checkpoint, outcome: result.written }
      : unsuccessful(result);
  }

  private checkpointOf(session: RunSession, outcome: ReturnType<typeof succeeded>): Checkpoint {
    if (outcome.type === 'park') return park(session, outcome);
    return nodeDone(session, outcome.journal, this.interruptions.letsGo(session), outcome.consumed);
  }
}

const NOTHING: Checkpoint['consumed'] = [];

/** Each suspension of a step has a row of its own, because rows never change. */
function suspensionKey(node: string, index: number): string {
  return `${waitKey(node)}#${index}`;
}

function succeeded(
  session: RunSession,
  { unit, suspensions, consumed }: Entry,
  result: Succeeded,
): Extract<NodeOutcome, { type: 'done' | 'park' }> {
  if (!result.suspends) return { type: 'done', journal: [journalEntry(session, 'step', unit.key, result)], consumed };
  const journal = [journalEntry(session, 'suspension', suspensionKey(unit.key, suspensions), result)];
  return { type: 'park', due: null, awaiting: [resumeSignal(unit.key)], journal, consumed };
}

function unsuccessful(result: Exclude<AttemptResult, Succeeded>): NodeOutcome {
  return result.outcome === 'failed' ? { type: 'failed', result } : { type: 'abandoned' };
}

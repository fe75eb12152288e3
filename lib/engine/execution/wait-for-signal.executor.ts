import type { DatabaseTime } from '../../common/database-time.js';
import { parseDuration } from '../../common/duration.js';
import { assertName } from '../../common/names.js';
import type { WaitForAnyNode, WaitForSignalNode } from '../../definition/plan.js';
import type { StoredSignal } from '../../storage/contract/records.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { AttemptRunner } from './attempt-runner.js';
import { DEFAULT_OPTIONS } from './default-options.js';
import { journalEntry } from './journal-entry.js';
import type { NodeExecutor } from './node-executor.js';
import type { NodeOutcome } from './node-outcome.js';
import type { RunSession } from './run-session.js';
import { dueAt, endOf, hasPassed, suspend, suspensionOf, type Suspension } from './suspension.js';

type WaitNode = WaitForSignalNode | WaitForAnyNode;

/**
 * Executes a wait for one signal, or for the first of several.
 *
 * A signal that is there is taken, also one that came before the wait began, and also one that came after the timeout but
 * before the run was claimed for it. One that comes while the timeout is being journaled is kept for a later wait. The
 * checkpoint that journals the result takes the signal, and the one that parks is refused when another signal has come
 * since the last look.
 */
export class WaitForSignalExecutor implements NodeExecutor<WaitNode> {
  constructor(
    private readonly attempts: AttemptRunner,
    private readonly store: RunStore,
    private readonly time: DatabaseTime,
  ) {}

  async execute(session: RunSession, node: WaitNode): Promise<NodeOutcome> {
    let suspension = suspensionOf(session, node.name);
    const entering = suspension === null;
    if (!suspension) {
      const entered = await this.enter(session, node);
      if ('type' in entered) return entered;
      suspension = entered;
    }
    const names = suspension.signals!;
    const seen = session.wakeups;
    // The counter has never risen on a run that was sent nothing: no need to look.
    const signal = seen > 0 ? await this.store.nextSignal(session.id, names) : null;
    if (signal) return taken(session, node, signal);
    if (hasPassed(suspension, this.time)) {
      return { type: 'done', journal: [journalEntry(session, 'signal', node.name, { result: 'null' })] };
    }
    const journal = entering ? [suspend(session, node.name, suspension)] : [];
    return { type: 'park', due: dueAt(suspension), awaiting: names, journal, seen };
  }

  private async enter(session: RunSession, node: WaitNode): Promise<Suspension | NodeOutcome> {
    const until =
      node.timeout === undefined ? null : endOf(parseDuration(node.timeout, `timeout of "${node.name}"`), this.time);
    if (node.type === 'waitForAny') return { until, signals: node.signals };
    const { signal } = node;
    if (typeof signal === 'string') return { until, signals: [signal] };
    const result = await this.attempts.attempt(session, {
      key: node.name,
      options: DEFAULT_OPTIONS,
      call: async (ctx) => {
        const name = await signal(ctx);
        assertName(`signal name of "${node.name}"`, name);
        return name;
      },
    });
    if (result.outcome === 'abandoned') return { type: 'abandoned' };
    if (result.outcome === 'failed') return { type: 'failed', result };
    return { until, signals: [JSON.parse(result.result) as string] };
  }
}

function taken(session: RunSession, node: WaitNode, { id, name, payload }: StoredSignal): NodeOutcome {
  const result = node.type === 'waitForAny' ? `{"signal":${JSON.stringify(name)},"payload":${payload}}` : payload;
  return {
    type: 'done',
    journal: [journalEntry(session, 'signal', node.name, { result })],
    consumed: [{ signalId: id, key: node.name }],
  };
}

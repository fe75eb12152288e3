import { parseKey } from '../../definition/journal-key.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { WakeupChannel } from '../../storage/contract/wakeup-channel.contract.js';
import type { RunReporter } from './run-reporter.js';
import type { RunSession } from './run-session.js';

/** Tells the children of a run that it is ending. */
export class Family {
  constructor(
    private readonly store: RunStore,
    private readonly channel: WakeupChannel,
    /** These runs were ordered to cancel: this process may hold them, or claim them. */
    private readonly poke: (runIds: readonly string[]) => void,
    private readonly reports: Pick<RunReporter, 'terminated'>,
  ) {}

  /** Carries out the `parentClose` of every child that was started and has not ended. */
  async close(session: RunSession): Promise<void> {
    if (!hasOpenChild(session)) return;
    const closed = await this.store.closeChildren(session.id);
    this.poke(closed.map(({ id }) => id));
    for (const child of closed) {
      const { id, queue, worker } = child;
      this.reports.terminated(child);
      this.channel.notify(worker === null ? { type: 'due', queue } : { type: 'poke', runId: id });
    }
  }
}

function hasOpenChild(session: RunSession): boolean {
  for (const { key, kind, result } of session.journal()) {
    // By the journal rather than the plan, in which a node may have another name by now.
    if (kind === 'suspension' && result.includes('"childId"') && !session.entry(parseKey(key).node)) return true;
  }
  return false;
}

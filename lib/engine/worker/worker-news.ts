import { LeaseLostError } from '../../errors/index.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { WakeupChannel } from '../../storage/contract/wakeup-channel.contract.js';
import type { Claimer } from './claimer.js';
import type { PausedWorkflows } from './paused-workflows.js';
import type { SessionTable } from './session-table.js';
import type { WorkerReporter } from './worker-reporter.js';

export interface WorkerNewsParts {
  readonly store: Pick<RunStore, 'inspect'>;
  readonly channel: WakeupChannel;
  readonly queue: string;
  readonly sessions: SessionTable;
  readonly paused: PausedWorkflows;
  readonly claimer: Claimer;
  readonly reports: WorkerReporter;
  /** The id of the present lease, or that of none. */
  readonly workerId: () => string;
}

/**
 * What a worker hears from outside: that something came in for a run it holds, that workflows were paused, that runs are
 * due. All of it is only a hint to look sooner; what there is to know stands in the database.
 *
 * Lifecycle: `start` subscribes, `stop` ends it, also without `start`. `poke` and `lookForPauses` may be called at any time.
 */
export class WorkerNews {
  private unsubscribe: () => void = () => undefined;

  constructor(private readonly parts: WorkerNewsParts) {}

  async start(): Promise<void> {
    const { channel, claimer, queue } = this.parts;
    this.unsubscribe = await channel.subscribe((wakeup) => {
      if (wakeup.type === 'poke') void this.poke([wakeup.runId]);
      else if (wakeup.type === 'paused') void this.lookForPauses();
      else if (wakeup.type === 'reconnected' || (wakeup.type === 'due' && wakeup.queue === queue)) claimer.wake();
    });
  }

  stop(): void {
    this.unsubscribe();
  }

  /** Something came in for these runs; those held here look at it now. */
  async poke(runIds: readonly string[]): Promise<void> {
    const { store, sessions, reports, workerId } = this.parts;
    const held = runIds.filter((id) => sessions.get(id));
    if (held.length === 0) return;
    try {
      for (const news of await store.inspect(held)) {
        const session = sessions.get(news.id);
        if (session?.epoch === news.epoch) session.hear(news);
        // An answer from before this claim says nothing about it.
        else if (session && news.epoch > session.epoch) session.lose(new LeaseLostError(news.id, workerId()));
      }
    } catch (error) {
      reports.couldNot('look at what came in for runs', error);
    }
  }

  /** Finds out which workflows are paused; their runs are let go between two units, others may be claimed again. */
  async lookForPauses(): Promise<void> {
    const { paused, claimer, reports } = this.parts;
    try {
      if (await paused.look()) claimer.wake();
    } catch (error) {
      reports.couldNot('look for paused workflows', error);
    }
  }
}

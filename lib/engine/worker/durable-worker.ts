import { settledWithin } from '../../common/settled-within.js';
import { ShutdownError } from '../../errors/index.js';
import type { NewRun, StartOutcome } from '../../storage/contract/records.js';
import type { SweepResult } from '../../storage/contract/worker-store.contract.js';
import { DetachedRejections } from '../execution/handler-scope.js';
import type { SessionTable } from './session-table.js';
import { WorkerComposition, type DurableWorkerParts } from './worker-composition.js';

/** What the last writes of a shutdown may take when the database does not answer; then the lease says the rest. */
const LAST_WRITES_MS = 5_000;

/**
 * Executes the runs of one queue in this process.
 *
 * Lifecycle: `start` registers the worker and begins to claim; `stop` takes no more, lets running steps finish within
 * the shutdown timeout, flushes, and gives back what is left. Both may be called twice, and `stop` without `start`.
 * A lost lease is survived: the runs are dropped, their steps aborted, and the worker goes on under a new lease.
 */
export class DurableWorker {
  private readonly members: WorkerComposition;
  private readonly detached = new DetachedRejections((origin, reason) => this.members.reports.detached(origin, reason));
  private releasing = false;
  private stopping: Promise<void> | null = null;
  private starting: Promise<void> | null = null;

  constructor(private readonly parts: DurableWorkerParts) {
    this.members = new WorkerComposition(parts, () => this.releasing);
  }

  /** The runs that are held here. */
  get sessions(): SessionTable {
    return this.members.sessions;
  }

  /** The id of the present lease. */
  get workerId(): string | null {
    return this.members.lease.workerId;
  }

  /** See {@link LeaseKeeper.leftMs}. */
  get leaseLeftMs(): number {
    return this.members.lease.leftMs;
  }

  /** See {@link RunTurns.taken}. */
  get turns(): number {
    return this.members.turns.taken;
  }

  start(): Promise<void> {
    this.starting ??= this.stopping ? Promise.resolve() : this.startUp();
    return this.starting;
  }

  stop(): Promise<void> {
    this.stopping ??= this.starting ? this.shutDown(this.starting) : Promise.resolve();
    return this.stopping;
  }

  /** See {@link SessionTable.holds}. */
  holds(runId: string): boolean {
    return this.sessions.holds(runId);
  }

  /** See {@link RunIntake.reserve}. */
  reserve(run: Pick<NewRun, 'id' | 'workflow' | 'version' | 'queue'>): string | null {
    return this.members.intake.reserve(run);
  }

  /** See {@link RunIntake.settleReservation}. */
  settleReservation(run: NewRun, outcome: StartOutcome | undefined): void {
    this.members.intake.settleReservation(run, outcome);
  }

  /** Looks for due runs soon. */
  wake(): void {
    this.members.claimer.wake();
  }

  /** See {@link WorkerNews.poke}. */
  poke(runIds: readonly string[]): Promise<void> {
    return this.members.news.poke(runIds);
  }

  /** See {@link WorkerNews.lookForPauses}. */
  lookForPauses(): Promise<void> {
    return this.members.news.lookForPauses();
  }

  /** Hands the runs of dead workers back now. */
  recover(): Promise<SweepResult> {
    return this.members.sweeper.sweep({ immediate: true });
  }

  /** Takes one look at the other workers. */
  sweep(): Promise<SweepResult> {
    return this.members.sweeper.sweep();
  }

  async renew(): Promise<void> {
    const { lease, lapsed, stopped } = this.members;
    await lease.renew();
    await lapsed.giveBack();
    await stopped.release();
  }

  /** True while the engine itself is busy: it claims, writes, or has a run between two attempts. For tests. */
  get isBusy(): boolean {
    const { claimer, writer, transactions, sessions } = this.members;
    if (claimer.isClaiming || !writer.isIdle || transactions.areWaiting) return true;
    return sessions.some((session) => !session.isAttempting);
  }

  /** Claims what is due and waits until nothing is executed here any more. For tests: `drain()` repeats it. */
  async settle(): Promise<void> {
    const { stopped, claimer, sessions } = this.members;
    await stopped.settled();
    await claimer.claimNow();
    await sessions.empty();
  }

  private async startUp(): Promise<void> {
    const { news, lease, stopped, sweeper, claimer } = this.members;
    this.detached.start();
    await news.start();
    await lease.start();
    await stopped.release();
    sweeper.start();
    claimer.start();
  }

  /** What is only just starting is stopped once it has started: half of it could not be taken back. */
  private async shutDown(starting: Promise<void>): Promise<void> {
    const { intake, news, claimer, sessions, writer, sweeper, stopped, lease, reports } = this.members;
    await starting.catch(() => undefined);
    this.releasing = true;
    intake.close();
    news.stop();
    await claimer.stop();
    await settledWithin(sessions.empty(), this.parts.options.shutdownTimeoutMs);
    for (const session of sessions.all()) session.lose(new ShutdownError(session.id));
    await settledWithin(Promise.all([sessions.empty(), writer.idle()]), LAST_WRITES_MS);
    await sweeper.stop();
    await settledWithin(stopped.settled(), LAST_WRITES_MS);
    const id = lease.workerId;
    lease.stop();
    writer.abandon(new ShutdownError(''));
    if (id !== null) await settledWithin(this.giveBack(id), LAST_WRITES_MS);
    this.detached.stop();
    if (id !== null) reports.stopped(id);
  }

  private async giveBack(id: string): Promise<void> {
    try {
      const runs = await this.parts.workers.unregister(id);
      if (runs > 0) this.parts.channel.notify({ type: 'due', queue: this.parts.queue });
    } catch (error) {
      this.members.reports.couldNot('give its runs back', error);
    }
  }
}

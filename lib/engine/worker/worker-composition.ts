import type { LoggerService } from '@nestjs/common';
import type { Clock } from '../../common/clock.js';
import { DatabaseTime } from '../../common/database-time.js';
import type { RunStatus } from '../../definition/run-state.js';
import type { WorkflowRegistry } from '../../definition/workflow.registry.js';
import { LeaseLostError } from '../../errors/index.js';
import type { Telemetry } from '../../observability/telemetry.js';
import type { PlanStore } from '../../storage/contract/plan-store.contract.js';
import type { ClaimResult, RunStore } from '../../storage/contract/run-store.contract.js';
import type { WakeupChannel } from '../../storage/contract/wakeup-channel.contract.js';
import type { SweepResult, WorkerStore } from '../../storage/contract/worker-store.contract.js';
import type { FindWorkflow } from '../execution/child-workflow.executor.js';
import { OpenTransactions } from '../execution/open-transactions.js';
import { createRunExecutor } from '../execution/create-run-executor.js';
import type { EngineLimits } from '../execution/engine-limits.js';
import type { RunExecutor } from '../execution/run-executor.js';
import { RunReporter } from '../execution/run-reporter.js';
import type { RunSession } from '../execution/run-session.js';
import { CheckpointWriter } from '../journal/checkpoint-writer.js';
import { Sweeper } from '../recovery/sweeper.js';
import { BeginQueue } from './begin-queue.js';
import { Claimer } from './claimer.js';
import { LapsedLeases } from './lapsed-leases.js';
import { LeaseKeeper } from './lease-keeper.js';
import { PausedWorkflows } from './paused-workflows.js';
import { RunIntake } from './run-intake.js';
import { RunTurns } from './run-turns.js';
import { SessionTable } from './session-table.js';
import { StoppedRuns } from './stopped-runs.js';
import { WorkerNews } from './worker-news.js';
import { WorkerReporter } from './worker-reporter.js';

export interface DurableWorkerParts {
  readonly store: RunStore;
  readonly plans: PlanStore;
  readonly workers: WorkerStore;
  readonly channel: WakeupChannel;
  readonly registry: WorkflowRegistry;
  readonly clock: Clock;
  readonly logger: LoggerService;
  readonly telemetry: Telemetry;
  readonly limits: EngineLimits;
  readonly queue: string;
  readonly options: {
    readonly name: string;
    readonly concurrency: number;
    readonly pollIntervalMs: number;
    readonly leaseDurationMs: number;
    readonly shutdownTimeoutMs: number;
  };
  /** Which version of a child to start. */
  readonly findWorkflow: FindWorkflow;
  /** Called with every run that ended here, so that waiters of this process need not ask the database. */
  readonly onEnded: (session: RunSession, status: RunStatus) => void;
}

/**
 * The parts of one worker, and what they tell each other. Nothing is started or stopped here: that is up to
 * {@link DurableWorker}.
 */
export class WorkerComposition {
  readonly sessions: SessionTable;
  readonly writer: CheckpointWriter;
  readonly lease: LeaseKeeper;
  readonly intake: RunIntake;
  readonly claimer: Claimer;
  readonly turns: RunTurns;
  readonly news: WorkerNews;
  readonly sweeper: Sweeper;
  readonly stopped: StoppedRuns;
  readonly lapsed: LapsedLeases;
  readonly reports: WorkerReporter;
  readonly transactions = new OpenTransactions();
  private readonly beginnings: BeginQueue;
  private readonly time: DatabaseTime;
  private readonly paused: PausedWorkflows;
  private readonly runReports: RunReporter;
  private readonly workerId = (): string => this.lease.workerId ?? 'none';
  private readonly couldNot = (doing: string) => (error: unknown) => this.reports.couldNot(doing, error);

  /** @param isReleasing whether the worker lets its runs go, and takes no more. */
  constructor(
    private readonly parts: DurableWorkerParts,
    private readonly isReleasing: () => boolean,
  ) {
    const { store, workers, channel, clock, limits, options, queue, registry } = parts;
    this.reports = new WorkerReporter({ ...parts, workerId: this.workerId });
    this.runReports = new RunReporter(parts.telemetry, this.workerId);
    this.time = new DatabaseTime(clock);
    this.sessions = new SessionTable(options.concurrency);
    this.paused = new PausedWorkflows(store);
    this.stopped = new StoppedRuns({
      store: parts.plans,
      registry,
      queue,
      freeSlots: () => (isReleasing() ? 0 : Math.min(this.sessions.free, this.beginnings.claimable)),
      onReleased: () => this.claimer.wake(),
      onError: this.couldNot('take up stopped runs'),
    });
    this.writer = new CheckpointWriter(store, clock, this.couldNot('write checkpoints'), {
      flushed: (checkpoints, began) => this.reports.flushed(checkpoints, began),
      settled: (checkpoints) => this.beginnings.settled(checkpoints),
    });
    this.beginnings = this.createBeginQueue();
    this.lapsed = new LapsedLeases({
      runs: store,
      workers,
      onReturned: () => this.moreIsDue(),
      onError: this.couldNot('end a lapsed lease'),
    });
    this.lease = this.createLease();
    this.intake = new RunIntake({
      store,
      registry,
      queue,
      maxDeliveries: limits.maxDeliveries,
      clock,
      time: this.time,
      sessions: this.sessions,
      paused: this.paused,
      workerId: () => this.lease.workerId,
      hold: (run, startedHere) => this.turns.hold(run, startedHere),
      onReturned: () => channel.notify({ type: 'due', queue }),
      onFree: () => {
        this.claimer.wake();
        this.beginnings.lookSoon();
      },
    });
    this.claimer = this.createClaimer();
    this.turns = this.createTurns();
    this.news = this.createNews();
    this.sweeper = new Sweeper(workers, clock, {
      onRecovered: (result) => this.onRecovered(result),
      onError: this.couldNot('look after other workers'),
    });
  }

  private createBeginQueue(): BeginQueue {
    return new BeginQueue({
      backlog: () => this.writer.backlog,
      begin: (session) => this.turns.execute(session),
      mayBegin: () => !this.intake.isQuarantined,
      onFewer: () => {
        this.claimer.slotFreed();
        this.stopped.slotFreed();
      },
    });
  }

  private createTurns(): RunTurns {
    const { registry, channel, queue, clock, onEnded } = this.parts;
    return new RunTurns({
      sessions: this.sessions,
      executor: this.createExecutor(),
      beginnings: this.beginnings,
      intake: this.intake,
      claimer: this.claimer,
      stopped: this.stopped,
      writer: this.writer,
      registry,
      channel,
      queue,
      clock,
      time: this.time,
      reports: this.reports,
      runReports: this.runReports,
      workerId: this.workerId,
      onEnded,
    });
  }

  private createNews(): WorkerNews {
    const { store, channel, queue } = this.parts;
    return new WorkerNews({
      store,
      channel,
      queue,
      sessions: this.sessions,
      paused: this.paused,
      claimer: this.claimer,
      reports: this.reports,
      workerId: this.workerId,
    });
  }

  private createExecutor(): RunExecutor {
    const { store, plans, channel, clock, limits, queue, findWorkflow } = this.parts;
    return createRunExecutor({
      store,
      clock,
      limits,
      writer: this.writer,
      transactions: this.transactions,
      isReleasing: this.isReleasing,
      isPaused: (workflow) => this.paused.has(workflow),
      workerId: this.workerId,
      confirmLease: () => this.beginnings.untilSure(this.lease.confirm()),
      channel,
      time: this.time,
      queue,
      findWorkflow,
      poke: (runIds) => {
        void this.news.poke(runIds);
        this.claimer.wake();
      },
      plans,
      onStopped: (error) => this.reports.planChanged(error),
      reports: this.runReports,
    });
  }

  private createClaimer(): Claimer {
    const { clock, options } = this.parts;
    return new Claimer(clock, {
      pollIntervalMs: options.pollIntervalMs,
      claimable: () => Math.min(this.intake.claimable, this.beginnings.claimable),
      claim: (limit) => this.claim(limit),
      onError: this.couldNot('claim runs'),
    });
  }

  private createLease(): LeaseKeeper {
    const { workers, clock, options, queue, registry } = this.parts;
    return new LeaseKeeper(workers, clock, {
      name: options.name,
      queue,
      slots: options.concurrency,
      leaseMs: options.leaseDurationMs,
      workflows: () => registry.all().map(({ name, version }) => `${name}@${version}`),
      onTime: (now, sentAt) => {
        this.time.learn(now, sentAt);
        void this.news.lookForPauses();
        void this.stopped.release();
        void this.lapsed.giveBack();
      },
      onHeld: (id) => this.onHeld(id),
      onLapsed: (id, reason) => this.onLapsed(id, reason),
      onError: this.couldNot('renew the lease'),
    });
  }

  private async claim(limit: number): Promise<ClaimResult | null> {
    const began = performance.now();
    const claimed = await this.intake.claim(limit);
    if (claimed) this.reports.claimed(limit, claimed.runs.length, began);
    return claimed;
  }

  private onHeld(held: string): void {
    this.reports.held(held);
    this.claimer.wake();
  }

  private onLapsed(id: string, reason: string): void {
    this.reports.lapsed(id, reason, this.sessions.size);
    for (const session of this.sessions.all()) session.lose(new LeaseLostError(session.id, id));
    this.writer.abandon(new LeaseLostError('', id));
    this.lapsed.add(id);
  }

  private moreIsDue(): void {
    this.parts.channel.notify({ type: 'due', queue: this.parts.queue });
    this.claimer.wake();
  }

  private onRecovered(result: SweepResult): void {
    this.reports.recovered(result);
    for (const queue of result.queues) {
      this.parts.channel.notify({ type: 'due', queue });
      if (queue === this.parts.queue) this.claimer.wake();
    }
  }
}

import type { Awaitable } from '../../common/awaitable.js';
import type { Clock } from '../../common/clock.js';
import type { DatabaseTime } from '../../common/database-time.js';
import { isTerminal, type RunStatus } from '../../definition/run-state.js';
import type { WorkflowRegistry } from '../../definition/workflow.registry.js';
import { LeaseLostError } from '../../errors/index.js';
import type { ClaimedRun } from '../../storage/contract/records.js';
import type { WakeupChannel } from '../../storage/contract/wakeup-channel.contract.js';
import type { RunExecutor } from '../execution/run-executor.js';
import type { RunReporter } from '../execution/run-reporter.js';
import { RunSession } from '../execution/run-session.js';
import { handBack } from '../execution/transition.js';
import type { CheckpointWriter } from '../journal/checkpoint-writer.js';
import type { BeginQueue } from './begin-queue.js';
import type { Claimer } from './claimer.js';
import type { RunIntake } from './run-intake.js';
import type { SessionTable } from './session-table.js';
import type { StoppedRuns } from './stopped-runs.js';
import type { WorkerReporter } from './worker-reporter.js';

export interface RunTurnsParts {
  readonly sessions: SessionTable;
  readonly executor: RunExecutor;
  readonly beginnings: BeginQueue;
  readonly intake: RunIntake;
  readonly claimer: Claimer;
  readonly stopped: StoppedRuns;
  readonly writer: CheckpointWriter;
  readonly registry: WorkflowRegistry;
  readonly channel: WakeupChannel;
  readonly queue: string;
  readonly clock: Clock;
  readonly time: DatabaseTime;
  readonly reports: WorkerReporter;
  readonly runReports: RunReporter;
  /** The id of the present lease, or that of none. */
  readonly workerId: () => string;
  /** Called with every run that ended here. */
  readonly onEnded: (session: RunSession, status: RunStatus) => void;
}

/** A run whose execution threw something that is no step's fault is tried again after this, here or elsewhere. */
const ENGINE_ERROR_DELAY_MS = 5_000;

/**
 * What becomes of a run at this worker: it is begun, executed until it ends, parks or is lost, and leaves. Whoever has to
 * know is told then: its waiters, its parent's worker, and this worker's claims, which have a slot again.
 */
export class RunTurns {
  /** Rises with every run that was begun here and every one that left. */
  taken = 0;

  constructor(private readonly parts: RunTurnsParts) {}

  /**
   * Takes in a run that this worker holds from now on.
   *
   * @param startedHere it was inserted already claimed.
   */
  hold(run: ClaimedRun, startedHere: boolean): void {
    const { registry, clock, sessions, beginnings, intake, claimer, runReports, workerId } = this.parts;
    const workflow = registry.get(run.workflow, run.version);
    const session = new RunSession(run, workflow, clock);
    sessions.get(run.id)?.lose(new LeaseLostError(run.id, workerId()));
    this.taken++;
    sessions.add(session);
    runReports.claimed(run);
    // Others wait until it is cleared or gone.
    if (intake.isSuspect(run)) {
      session.onCleared = () => {
        intake.cleared(run.id);
        claimer.wake();
      };
    }
    // A delivery that ended before it began would count, and what has begun goes on first.
    if (run.begun || run.deliveries > 1) beginnings.begin(session);
    else beginnings.add(session, startedHere);
  }

  /** Executes a run whose turn has come. */
  execute(session: RunSession): void {
    if (session.lost) return this.leave(session);
    void this.parts.executor.execute(session).then(
      (status) => this.executed(session, status),
      (error: unknown) => this.broke(session, error),
    );
  }

  private executed(session: RunSession, status: RunStatus | null): Awaitable<void> {
    try {
      if (status !== null) this.leftWith(session, status);
    } catch (error) {
      return this.broke(session, error);
    }
    this.leave(session);
  }

  private async broke(session: RunSession, error: unknown): Promise<void> {
    if (!session.lost) await this.parkAfter(session, error);
    this.leave(session);
  }

  private leave(session: RunSession): void {
    const { sessions, intake, claimer, stopped } = this.parts;
    this.taken++;
    sessions.remove(session);
    if (intake.isSuspect(session)) claimer.wake();
    else claimer.slotFreed();
    stopped.slotFreed();
  }

  private leftWith(session: RunSession, status: RunStatus): void {
    const { channel, claimer, time, onEnded } = this.parts;
    if (isTerminal(status)) {
      onEnded(session, status);
      channel.notify({ type: 'ended' });
      if (session.parentId !== null) this.somethingDue();
    } else if (session.due !== null) {
      const { due } = session;
      const delayMs = 'at' in due ? due.at.getTime() - time.earliest() : due.delayMs;
      if (delayMs <= 0) this.somethingDue();
      else claimer.dueIn(delayMs);
    } else if (session.workflow.steps[session.cursor]?.type === 'childWorkflow') this.somethingDue();
  }

  /** A run was handed back, a child was born, or a parent woken: here or elsewhere somebody takes it. */
  private somethingDue(): void {
    const { claimer, channel, queue } = this.parts;
    claimer.wake();
    channel.notify({ type: 'due', queue });
  }

  /** No step's fault: the engine or the database. The run goes on elsewhere, or here later. */
  private async parkAfter(session: RunSession, error: unknown): Promise<void> {
    const { reports, writer, intake } = this.parts;
    reports.couldNot(`execute run ${session.id}`, error);
    const checkpoint = handBack(session);
    const move = { ...checkpoint.move!, due: { delayMs: ENGINE_ERROR_DELAY_MS } };
    await writer.write({ ...checkpoint, move }).catch(() => intake.doubt());
  }
}

import type { Awaitable } from '../../common/awaitable.js';
import type { Clock } from '../../common/clock.js';
import type { DatabaseTime } from '../../common/database-time.js';
import type { Checkpoint, CheckpointOutcome, WorkflowRef } from '../../storage/contract/records.js';
import type { RunStore } from '../../storage/contract/run-store.contract.js';
import type { WakeupChannel } from '../../storage/contract/wakeup-channel.contract.js';
import type { PlanChangedError } from '../../errors/index.js';
import type { PlanStore } from '../../storage/contract/plan-store.contract.js';
import type { CheckpointWriter } from '../journal/checkpoint-writer.js';
import { AttemptRunner } from './attempt-runner.js';
import { ChildWorkflowExecutor, type FindWorkflow } from './child-workflow.executor.js';
import { Compensator } from './compensator.js';
import type { EngineLimits } from './engine-limits.js';
import { Family } from './family.js';
import { ForEachExecutor } from './for-each.executor.js';
import { HeartbeatSink } from './heartbeat-sink.js';
import { Interruptions } from './interruptions.js';
import { LoopExecutor } from './loop.executor.js';
import type { OpenTransactions } from './open-transactions.js';
import { ParallelExecutor } from './parallel.executor.js';
import { PartPool } from './part-pool.js';
import { PlanAdmission } from './plan-admission.js';
import { RouteExecutor } from './route.executor.js';
import { RunExecutor, type NodeExecutors } from './run-executor.js';
import type { RunReporter } from './run-reporter.js';
import { SessionWriter } from './session-writer.js';
import { SleepExecutor } from './sleep.executor.js';
import { StepExecutor } from './step.executor.js';
import { TransactionalAttempts } from './transactional-attempts.js';
import { WaitForSignalExecutor } from './wait-for-signal.executor.js';

export interface RunExecutorParts {
  readonly store: RunStore;
  readonly plans: PlanStore;
  readonly channel: WakeupChannel;
  readonly writer: CheckpointWriter;
  readonly transactions: OpenTransactions;
  readonly limits: EngineLimits;
  readonly clock: Clock;
  readonly time: DatabaseTime;
  readonly queue: string;
  readonly isReleasing: () => boolean;
  readonly isPaused: (workflow: WorkflowRef) => boolean;
  readonly workerId: () => string;
  /** See {@link AttemptRunner}. */
  readonly confirmLease: () => Awaitable<number>;
  readonly findWorkflow: FindWorkflow;
  readonly poke: (runIds: readonly string[]) => void;
  readonly reports: RunReporter;
  readonly onStopped: (error: PlanChangedError) => void;
}

/** Puts the executor and one executor a node kind together. */
export function createRunExecutor(parts: RunExecutorParts): RunExecutor {
  const { store, limits, clock, time } = parts;
  const { reports, confirmLease } = parts;
  const write = (checkpoint: Checkpoint): Promise<CheckpointOutcome> => parts.writer.write(checkpoint);
  const writer = new SessionWriter({ write, workerId: parts.workerId, reports });
  const attempts = new AttemptRunner(
    limits,
    clock,
    new HeartbeatSink(writer, limits.payloadLimit),
    reports,
    confirmLease,
  );
  const interruptions = new Interruptions(clock, parts.isReleasing, parts.isPaused);
  const transactions = new TransactionalAttempts(attempts, store, clock, parts.transactions);
  const pool = new PartPool({ attempts, writer, limits, clock, interruptions });
  const waiting = new WaitForSignalExecutor(attempts, store, time);
  const executors: NodeExecutors = {
    step: new StepExecutor(attempts, transactions, store, interruptions),
    parallel: new ParallelExecutor(pool),
    route: new RouteExecutor(attempts, writer),
    loop: new LoopExecutor(attempts, writer, interruptions),
    forEach: new ForEachExecutor(pool, attempts, writer),
    sleep: new SleepExecutor(attempts, time),
    waitForSignal: waiting,
    waitForAny: waiting,
    childWorkflow: new ChildWorkflowExecutor(attempts, store, parts.findWorkflow, parts.queue, reports),
  };
  const family = new Family(store, parts.channel, parts.poke, reports);
  const { plans, workerId, onStopped } = parts;
  const admission = new PlanAdmission({ store: plans, writer, workerId, onStopped });
  const compensator = new Compensator({ writer, attempts, transactions, interruptions, family });
  return new RunExecutor(writer, executors, compensator, limits, interruptions, family, admission);
}

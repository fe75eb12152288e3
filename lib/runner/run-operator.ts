import { isRunId } from '../common/ids.js';
import { serializePayload } from '../common/json-payload.js';
import { isTerminal } from '../definition/run-state.js';
import { RunNotFoundError } from '../errors/index.js';
import type { WorkflowPause } from '../storage/contract/run-repair.contract.js';
import { assertOptions } from './known-options.js';
import { retryRefusal, skipRefusal } from './order-refusals.js';
import { OrderReporter } from './order-reporter.js';
import { orderedBy } from './ordered-by.js';
import type {
  Accepted,
  CancelOptions,
  OrderOptions,
  PauseTarget,
  RetryRunOptions,
  SkipOptions,
  TerminateOptions,
  WorkflowTarget,
} from './run-options.interface.js';
import type { OperationRecord } from './run-snapshot.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { WorkflowPauses } from './workflow-pauses.js';

/**
 * The orders that people give to runs; `DurableRunner`, which applications inject, has these and all else. Each order is
 * checked, carried out in the database with who gave it and why, and told to whoever has to act upon it.
 */
export abstract class RunOperator {
  protected readonly reports: OrderReporter;
  private readonly workflows: WorkflowPauses;

  protected constructor(protected readonly backend: RunnerBackend) {
    this.reports = new OrderReporter(backend);
    this.workflows = new WorkflowPauses(backend, this.reports);
  }

  /**
   * Cancels a run: the running step's signal is aborted, what completed is undone, and the run ends as `canceled`.
   * A run that has ended, or that is undoing its work already, does not accept it. A paused one is unpaused.
   *
   * @param reason what people and the step's signal are told, at most 1000 characters.
   * @throws RunNotFoundError
   * @throws InvalidOptionError when the reason cannot be stored.
   */
  async cancel(runId: string, reason?: string, options: CancelOptions = {}): Promise<Accepted> {
    assertOptions('cancel', options);
    const { compensate = true, by } = options;
    const order = orderedBy({ by, reason });
    const asked = { reason: order.reason, compensate };
    const outcome = await this.order(runId, () => this.backend.admin.cancel(runId, asked, order.by));
    const { accepted, status, queue } = outcome;
    this.reports.acted('cancel', { ...order, runId, accepted });
    if (accepted && isTerminal(status)) await this.reports.canceled(runId);
    if (accepted && isTerminal(status)) this.backend.runEnded();
    else if (accepted && queue !== null) this.backend.wakeQueue(queue);
    else if (accepted) this.backend.wakeRun(runId, outcome);
    return { accepted, status };
  }

  /**
   * Sets a failed run going again: from the node, or the undo, that gave up, with its attempts back; or, with `from`, from
   * an earlier node. What was undone is done again then, under a new `ctx.idempotencyKey`.
   *
   * @throws RunNotRetryableError when it has not failed, when what it would build upon has been undone, or when it has not
   * reached `from`.
   * @throws InvalidOptionError when `from` is no node of the run's plan.
   * @throws RunNotFoundError
   */
  async retry(runId: string, given: RetryRunOptions = {}): Promise<Accepted> {
    assertOptions('retry', given);
    const { from, dryRun, ...options } = given;
    const order = orderedBy(options);
    const outcome = await this.order(runId, () => this.backend.repair.retry(runId, from ?? null, order, dryRun));
    if (outcome.outcome !== 'accepted') throw retryRefusal(runId, from, outcome);
    if (dryRun) return { accepted: true, status: outcome.status };
    this.reports.acted('retry', { ...order, runId, accepted: true });
    this.backend.wakeQueue(outcome.queue);
    return { accepted: true, status: outcome.status };
  }

  /**
   * Records a result by hand for the node that a failed or parked run stands at, and lets the run go on behind it. Nothing
   * of the node is executed, and nothing of it is undone later but what it had journaled itself.
   *
   * @param result what `ctx.results[node]` is from now on; absent, it is `null`.
   * @throws RunNotSkippableError when the run stands elsewhere, is executed or ended otherwise, or has been undone.
   * @throws InvalidPayloadError, PayloadTooLargeError before anything is written.
   * @throws RunNotFoundError
   */
  async skip(runId: string, node: string, result?: unknown, given: SkipOptions = {}): Promise<Accepted> {
    assertOptions('skip', given);
    const { dryRun, ...options } = given;
    const order = orderedBy(options);
    const where = `result of "${node}"`;
    const text = serializePayload(result, { where, limit: this.backend.defaults.payloadLimit });
    const outcome = await this.order(runId, () => this.backend.repair.skip(runId, node, text, order, dryRun));
    if (outcome.outcome !== 'accepted') throw skipRefusal(runId, node, outcome);
    if (dryRun) return { accepted: true, status: outcome.status };
    this.reports.acted('skip', { ...order, runId, accepted: true });
    await this.closeChildren(runId);
    this.backend.wakeQueue(outcome.queue);
    return { accepted: true, status: outcome.status };
  }

  /**
   * Ends a run at once, as `canceled`, without undoing anything: whoever holds it is told to stop and writes nothing more.
   * Its children follow their `parentClose`, and a parent that waits for it goes on. A run that has ended does not accept it.
   *
   * @throws RunNotFoundError
   */
  async terminate(runId: string, reason?: string, options: TerminateOptions = {}): Promise<Accepted> {
    assertOptions('terminate', options);
    const order = orderedBy({ by: options.by, reason });
    const outcome = await this.order(runId, () => this.backend.repair.terminate(runId, order));
    const { accepted, status, worker, parentQueue } = outcome;
    this.reports.acted('terminate', { ...order, runId, accepted });
    if (accepted) await this.reports.canceled(runId);
    // Also when it had ended: a process that died in between may have left children behind.
    if (status === 'canceled') await this.closeChildren(runId);
    if (worker !== null) this.backend.wakeRun(runId, { worker });
    if (parentQueue !== null) this.backend.wakeQueue(parentQueue);
    if (accepted) this.backend.runEnded();
    return { accepted, status };
  }

  /**
   * Keeps a run, or all runs of a workflow, from being executed: a step in progress is finished, nothing else is begun
   * until `unpause`. Timers go on, signals are kept, and what became due meanwhile is done then.
   *
   * @returns `accepted`: false for a run that has ended, and for a workflow that was paused already.
   * @throws RunNotFoundError
   * @throws WorkflowNotRegisteredError
   */
  pause(run: string, options?: OrderOptions): Promise<Accepted>;
  pause(target: Exclude<PauseTarget, string>, options?: OrderOptions): Promise<Pick<Accepted, 'accepted'>>;
  async pause(target: PauseTarget, options: OrderOptions = {}): Promise<Pick<Accepted, 'accepted'>> {
    assertOptions('pause', options);
    if (typeof target === 'string') return this.pauseRun(target, options);
    const { workflow, version } = pausedWorkflow(target);
    return { accepted: await this.workflows.pause(workflow, version, options) };
  }

  /**
   * Lifts a pause. Without a version, every pause of the workflow is lifted, also of single versions.
   *
   * @returns `accepted`: whether there was one.
   * @throws RunNotFoundError
   * @throws WorkflowNotRegisteredError
   */
  unpause(run: string, options?: OrderOptions): Promise<Accepted>;
  unpause(target: Exclude<PauseTarget, string>, options?: OrderOptions): Promise<Pick<Accepted, 'accepted'>>;
  async unpause(target: PauseTarget, options: OrderOptions = {}): Promise<Pick<Accepted, 'accepted'>> {
    assertOptions('unpause', options);
    if (typeof target === 'string') return this.unpauseRun(target, options);
    const { workflow, version } = pausedWorkflow(target);
    return { accepted: await this.workflows.unpause(workflow, version, options) };
  }

  /** The workflows that are paused now. */
  pauses(): Promise<readonly WorkflowPause[]> {
    return this.workflows.all();
  }

  /** Who ordered what of a run, and why, oldest first: cancels, retries, skips, pauses. */
  async operations(runId: string): Promise<readonly OperationRecord[]> {
    await this.ready(runId);
    const operations = await this.backend.repair.operations(runId);
    return operations.map(({ before, after, ...operation }) => {
      return { ...operation, before: parsed(before), after: parsed(after) };
    });
  }

  /** A malformed id is that of no run; the database would refuse it with a message about UUIDs. */
  protected async ready(runId: string): Promise<void> {
    if (!isRunId(runId)) throw new RunNotFoundError(String(runId));
    await this.backend.ready();
  }

  private async pauseRun(runId: string, options: OrderOptions): Promise<Accepted> {
    const order = orderedBy(options);
    const { accepted, status, worker } = await this.order(runId, () => this.backend.repair.pause(runId, order));
    this.reports.acted('pause', { ...order, runId, accepted });
    if (accepted && worker !== null) this.backend.wakeRun(runId, { worker });
    return { accepted, status };
  }

  private async unpauseRun(runId: string, options: OrderOptions): Promise<Accepted> {
    const order = orderedBy(options);
    const outcome = await this.order(runId, () => this.backend.repair.unpause(runId, order));
    const { accepted, status, worker, queue } = outcome;
    this.reports.acted('unpause', { ...order, runId, accepted });
    if (accepted && worker !== null) this.backend.wakeRun(runId, { worker });
    else if (accepted) this.backend.wakeQueue(queue);
    return { accepted, status };
  }

  private async closeChildren(runId: string): Promise<void> {
    for (const { id, queue, worker } of await this.backend.repair.closeChildren(runId)) {
      await this.reports.canceled(id);
      if (worker === null) this.backend.wakeQueue(queue);
      else this.backend.wakeRun(id, { worker });
    }
  }

  private async order<T>(runId: string, give: () => Promise<T | null>): Promise<T> {
    await this.ready(runId);
    const outcome = await give();
    if (outcome === null) throw new RunNotFoundError(runId);
    return outcome;
  }
}

function pausedWorkflow(target: Exclude<PauseTarget, string>): {
  readonly workflow: WorkflowTarget;
  readonly version?: number;
} {
  return typeof target === 'object' && target !== null && 'workflow' in target ? target : { workflow: target };
}

function parsed(json: string | null): unknown {
  return json === null ? null : (JSON.parse(json) as unknown);
}

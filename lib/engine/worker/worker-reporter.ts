import type { LoggerService } from '@nestjs/common';
import { toStoredError } from '../../common/stored-error.js';
import type { PlanChangedError } from '../../errors/index.js';
import { showValue } from '../../errors/show-value.js';
import type { Telemetry } from '../../observability/telemetry.js';
import type { SweepResult } from '../../storage/contract/worker-store.contract.js';
import type { HandlerOrigin } from '../execution/handler-scope.js';

export interface WorkerReporterParts {
  readonly logger: LoggerService;
  readonly telemetry: Telemetry;
  readonly queue: string;
  readonly options: { readonly name: string; readonly concurrency: number };
  readonly workerId: () => string;
}

/** Tells what a worker does, as lines of the log and as events. */
export class WorkerReporter {
  private readonly changesSaid = new Set<string>();

  constructor(private readonly parts: WorkerReporterParts) {}

  held(workerId: string): void {
    const { telemetry, queue, options } = this.parts;
    if (!telemetry.events.wants('durable.worker.started')) return;
    const { name: worker, concurrency: slots } = options;
    telemetry.events.emit('durable.worker.started', { workerId, worker, queue, slots });
  }

  stopped(workerId: string): void {
    const { telemetry, queue, options } = this.parts;
    if (!telemetry.events.wants('durable.worker.stopped')) return;
    telemetry.events.emit('durable.worker.stopped', { workerId, worker: options.name, queue });
  }

  lapsed(workerId: string, reason: string, runs: number): void {
    const { logger, telemetry, options } = this.parts;
    logger.warn(
      `Worker ${options.name} lost its lease: ${reason}. Its ${runs} runs go on elsewhere; it takes new ones under a new lease.`,
    );
    if (!telemetry.events.wants('durable.worker.lease_lost')) return;
    telemetry.events.emit('durable.worker.lease_lost', { workerId, worker: options.name, reason, runs });
  }

  recovered({ runs, deadWorkers, queues }: SweepResult): void {
    const { logger, telemetry } = this.parts;
    logger.warn(`Took ${runs} runs back from dead workers: ${deadWorkers.join(', ') || 'not registered'}.`);
    if (!telemetry.events.wants('durable.worker.took_over')) return;
    telemetry.events.emit('durable.worker.took_over', { workerId: this.parts.workerId(), deadWorkers, runs, queues });
  }

  /** @param began when the statement was sent, by `performance.now()`. */
  claimed(asked: number, runs: number, began: number): void {
    const { events } = this.parts.telemetry;
    if (!events.wants('durable.worker.claimed')) return;
    const durationMs = performance.now() - began;
    events.emit('durable.worker.claimed', { workerId: this.parts.workerId(), asked, runs, durationMs });
  }

  /** @param began when the statement was sent, by `performance.now()`. */
  flushed(checkpoints: number, began: number): void {
    const { events } = this.parts.telemetry;
    if (!events.wants('durable.worker.flushed')) return;
    const durationMs = performance.now() - began;
    events.emit('durable.worker.flushed', { workerId: this.parts.workerId(), checkpoints, durationMs });
  }

  /** Said once for each change, not for each of its runs. */
  planChanged({ workflow, version, difference }: PlanChangedError): void {
    const said = `${workflow}@${version}: ${difference}`;
    if (this.changesSaid.has(said)) return;
    this.changesSaid.add(said);
    this.parts.logger.error(
      `Workflow "${workflow}" version ${version} changed under runs in flight, which stand still: ${difference}. Deploy the former plan again, or move them with migrate().`,
    );
  }

  detached({ step, workflow, runId }: HandlerOrigin, reason: unknown): void {
    // What is no error may be anything, a payload too; of that only the kind is said.
    const foreign = typeof reason === 'object' && !(reason instanceof Error);
    const { name, message } = toStoredError(foreign ? showValue(reason) : reason);
    this.parts.logger.error(
      `Step "${step}" of workflow "${workflow}", run ${runId}, left a promise behind that rejected: ${name}: ${message}. Await it, or handle its rejection.`,
    );
  }

  couldNot(doing: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.parts.logger.warn(`Worker ${this.parts.options.name} could not ${doing}: ${reason}`);
  }
}

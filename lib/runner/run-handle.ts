import type { RunStatus } from '../definition/run-state.js';
import type { DurableRunner } from './durable-runner.js';
import type {
  Accepted,
  CancelOptions,
  FindOptions,
  ResultOptions,
  SignalArguments,
  SignalTarget,
  WorkflowTarget,
} from './run-options.interface.js';
import type { RunSnapshot } from './run-snapshot.interface.js';

/**
 * A run that was started. Holds nothing but its id: it may be kept, dropped, or made again from the id by the runner's
 * methods. As JSON, e.g. as the answer of a controller, it is `{ id, status, created }`.
 *
 * @typeParam T what it was started by; a class types the payloads of its signals.
 */
export class RunHandle<Results = Record<string, any>, T extends WorkflowTarget = any> {
  /** UUIDv7. */
  readonly id: string;
  /** The status when `start` returned. */
  readonly status: RunStatus;
  /** False when the idempotency key stood for an earlier run. */
  readonly created: boolean;

  /** Private at run time too: a handle that is logged, compared or answered to a request shows no part of the engine. */
  readonly #runner: DurableRunner;
  readonly #workflow: T;

  constructor(
    runner: DurableRunner,
    workflow: T,
    { id, status, created }: { readonly id: string; readonly status: RunStatus; readonly created: boolean },
  ) {
    this.#runner = runner;
    this.#workflow = workflow;
    this.id = id;
    this.status = status;
    this.created = created;
  }

  /** See {@link DurableRunner.result}. */
  result(options?: ResultOptions): Promise<Results> {
    return this.#runner.result<Results>(this.id, options);
  }

  /** See {@link DurableRunner.find}. */
  snapshot(options?: FindOptions): Promise<RunSnapshot<Results>> {
    return this.#runner.find<Results>(this.id, options);
  }

  /** See {@link DurableRunner.signal}. */
  signal<Name extends string>(name: Name, ...args: SignalArguments<T, Name>): Promise<Accepted> {
    const target: SignalTarget<T> = { workflow: this.#workflow, runId: this.id };
    return this.#runner.signal<T, Name>(target, name, ...args);
  }

  /** See {@link DurableRunner.resume}. */
  resume(data?: unknown): Promise<Accepted> {
    return this.#runner.resume(this.id, data);
  }

  /** See {@link DurableRunner.cancel}. */
  cancel(reason?: string, options?: CancelOptions): Promise<Accepted> {
    return this.#runner.cancel(this.id, reason, options);
  }
}

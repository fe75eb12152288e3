import type { EntityManager } from 'typeorm';
import { andThen, promised, type Awaitable } from '../common/awaitable.js';
import { validated } from '../definition/standard-schema.js';
import type { Tracing } from '../observability/tracing.interface.js';
import type { NewRun, StartOutcome } from '../storage/contract/records.js';
import { assertOptions } from './known-options.js';
import type { StartManyOptions, StartOptions, WorkflowTarget } from './run-options.interface.js';
import { outcomeOf, type News } from './result-waiter.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { inputOf, planStart, type StartableWorkflow } from './start-plan.js';
import { referenceOf } from './workflow-reference.js';

/** The half of the runner that starts runs; `DurableRunner` documents its methods. */
export class RunLauncher {
  constructor(private readonly backend: RunnerBackend) {}

  start(workflow: WorkflowTarget, input: unknown, options: StartOptions): Promise<StartOutcome> {
    return promised(() => {
      assertOptions('start', options);
      return andThen(this.planned(workflow, input, options), async (run) => (await this.launch([run], options))[0]);
    });
  }

  async startMany<Input>(
    workflow: WorkflowTarget,
    inputs: readonly Input[],
    options: StartManyOptions,
  ): Promise<readonly StartOutcome[]> {
    assertOptions('start', options);
    const target = await this.startable(workflow, options.version);
    const { idempotencyKey, ...shared } = options;
    // All of them first: one that throws must not leave checks of other inputs behind that nobody awaits.
    const keys = idempotencyKey && inputs.map((input, index) => idempotencyKey(input, index));
    const planned = inputs.map((input, index) =>
      this.plan(target, input, keys ? { ...shared, idempotencyKey: keys[index] } : shared, index),
    );
    // Inputs without a validator are planned at once: thousands of promises take longer than all the rest.
    const runs = target.schema ? await Promise.all(planned as Promise<NewRun>[]) : (planned as NewRun[]);
    return runs.length === 0 ? [] : this.launch(runs, options);
  }

  startAndWait(
    workflow: WorkflowTarget,
    input: unknown,
    options: Omit<StartOptions, 'manager'>,
  ): Promise<Record<string, any>> {
    return promised(() => {
      assertOptions('startAndWait', options);
      return andThen(this.planned(workflow, input, options), (run) => this.launchAndWait(run));
    });
  }

  /** Thousands may wait at a time: while they do, each holds one promise, and no function is suspended. */
  private launchAndWait(run: NewRun): Promise<Record<string, any>> {
    const { waiter } = this.backend;
    return new Promise((resolve, reject) => {
      const tell = (news: News): void => {
        try {
          resolve(outcomeOf(news));
        } catch (error) {
          reject(error);
        }
      };
      waiter.expect(run.id, tell);
      this.launch([run], {}).then(
        ([{ id }]) => {
          if (id === run.id) return;
          waiter.forget(run.id, tell);
          // Not `resolve(…)` with the promise: it may be settled by a shutdown, and nobody would hear of the rejection.
          waiter.result(id, null).then(resolve, reject);
        },
        (error: unknown) => {
          waiter.forget(run.id, tell);
          reject(error);
        },
      );
    });
  }

  private launch(
    runs: readonly NewRun[],
    { manager }: Pick<StartOptions, 'manager'>,
  ): Promise<readonly StartOutcome[]> {
    return this.backend.telemetry.tracing === null
      ? this.write(runs, manager)
      : this.launchTraced(runs, manager, this.backend.telemetry.tracing);
  }

  /** The span of a start is recorded where it is called, so that it hangs on what the caller does. */
  private async launchTraced(
    runs: readonly NewRun[],
    manager: EntityManager | undefined,
    tracing: Tracing,
  ): Promise<readonly StartOutcome[]> {
    const spans = runs.map((run) => tracing.start(run));
    try {
      const traced = runs.map((run, index) => ({ ...run, trace: spans[index]?.trace ?? null }));
      const outcomes = await this.write(traced, manager);
      for (const span of spans) span?.end();
      return outcomes;
    } catch (error) {
      for (const span of spans) span?.end(error);
      throw error;
    }
  }

  private write(runs: readonly NewRun[], manager: EntityManager | undefined): Promise<readonly StartOutcome[]> {
    const { starter } = this.backend;
    return manager ? starter.startWithin(manager, runs) : starter.start(runs);
  }

  private planned(workflow: WorkflowTarget, input: unknown, options: StartOptions): Awaitable<NewRun> {
    return andThen(this.startable(workflow, options.version), (target) => this.plan(target, input, options));
  }

  /** At hand where there is no validator. */
  private plan(target: StartableWorkflow, input: unknown, options: StartOptions, index?: number): Awaitable<NewRun> {
    const where = inputOf(target, index);
    const { defaults } = this.backend;
    if (!target.schema) return planStart(target, input, options, defaults, where);
    return validated(target.schema, input, where).then((value) => planStart(target, value, options, defaults, where));
  }

  private startable(target: WorkflowTarget, version: number | undefined): Awaitable<StartableWorkflow> {
    return andThen(this.backend.ready(), () => {
      const reference = referenceOf(target);
      return this.backend.startable(reference.name, version ?? reference.version);
    });
  }
}

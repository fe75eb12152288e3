import { validated } from '../definition/standard-schema.js';
import type { NewRun, StartOutcome } from '../storage/contract/records.js';
import { assertOptions } from './known-options.js';
import type { StartManyOptions, StartOptions, WorkflowTarget } from './run-options.interface.js';
import { outcomeOf } from './result-waiter.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import { inputOf, planStart, type StartableWorkflow } from './start-plan.js';
import { referenceOf } from './workflow-reference.js';

/** The half of the runner that starts runs; `DurableRunner` documents its methods. */
export class RunLauncher {
  constructor(private readonly backend: RunnerBackend) {}

  async start(workflow: WorkflowTarget, input: unknown, options: StartOptions): Promise<StartOutcome> {
    assertOptions('start', options);
    const target = await this.startable(workflow, options.version);
    const [outcome] = await this.launch([await this.plan(target, input, options)], options);
    return outcome;
  }

  async startMany<Input>(
    workflow: WorkflowTarget,
    inputs: readonly Input[],
    options: StartManyOptions,
  ): Promise<readonly StartOutcome[]> {
    assertOptions('start', options);
    const target = await this.startable(workflow, options.version);
    // All of them first: one that throws must not leave checks of other inputs behind that nobody awaits.
    const keys = inputs.map((input, index) => options.idempotencyKey?.(input, index));
    const planned = inputs.map((input, index) =>
      this.plan(target, input, { ...options, idempotencyKey: keys[index] }, index),
    );
    // Inputs without a validator are planned at once: thousands of promises take longer than all the rest.
    const runs = target.schema ? await Promise.all(planned as Promise<NewRun>[]) : (planned as NewRun[]);
    return runs.length === 0 ? [] : this.launch(runs, options);
  }

  async startAndWait(
    workflow: WorkflowTarget,
    input: unknown,
    options: Omit<StartOptions, 'manager'>,
  ): Promise<Record<string, any>> {
    assertOptions('startAndWait', options);
    const { waiter } = this.backend;
    const run = await this.plan(await this.startable(workflow, options.version), input, options);
    const news = waiter.expect(run.id);
    let id: string;
    try {
      [{ id }] = await this.launch([run], {});
    } catch (error) {
      waiter.forget(run.id);
      throw error;
    }
    // Not awaited: thousands may wait at a time, and each function that waits with them is held for each of them.
    if (id === run.id) return news.then(outcomeOf);
    waiter.forget(run.id);
    return waiter.result(id, null);
  }

  /** The span of a start is recorded where it is called, so that it hangs on what the caller does. */
  private async launch(
    runs: readonly NewRun[],
    { manager }: Pick<StartOptions, 'manager'>,
  ): Promise<readonly StartOutcome[]> {
    const { starter, telemetry } = this.backend;
    const { tracing } = telemetry;
    const write = (all: readonly NewRun[]): Promise<readonly StartOutcome[]> => {
      return manager ? starter.startWithin(manager, all) : starter.start(all);
    };
    if (tracing === null) return write(runs);
    const spans = runs.map((run) => tracing.start(run));
    try {
      const outcomes = await write(runs.map((run, index) => ({ ...run, trace: spans[index]?.trace ?? null })));
      for (const span of spans) span?.end();
      return outcomes;
    } catch (error) {
      for (const span of spans) span?.end(error);
      throw error;
    }
  }

  /** Awaits nothing where there is no validator. */
  private plan(
    target: StartableWorkflow,
    input: unknown,
    options: StartOptions,
    index?: number,
  ): NewRun | Promise<NewRun> {
    const where = inputOf(target, index);
    const { defaults } = this.backend;
    if (!target.schema) return planStart(target, input, options, defaults, where);
    return validated(target.schema, input, where).then((value) => planStart(target, value, options, defaults, where));
  }

  private async startable(target: WorkflowTarget, version: number | undefined): Promise<StartableWorkflow> {
    await this.backend.ready();
    const reference = referenceOf(target);
    return this.backend.startable(reference.name, version ?? reference.version);
  }
}

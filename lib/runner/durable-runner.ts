import { durationMs } from '../common/duration.js';
import { assertIdempotencyKey, assertName } from '../common/names.js';
import { describedPlan } from './described-plan.js';
import { assertOptions } from './known-options.js';
import { PlanChecker } from './plan-checker.js';
import type {
  DescribedPlan,
  MigrateFilter,
  MigrateOptions,
  MigrationResult,
  PlanCheck,
  PlanOptions,
} from './plan-report.interface.js';
import type { RunnerBackend } from './runner-backend.interface.js';
import type { RunExplanation } from './run-explanation.interface.js';
import { RunHandle } from './run-handle.js';
import { RunLauncher } from './run-launcher.js';
import { RunMigrator } from './run-migrator.js';
import { RunOperator } from './run-operator.js';
import { RunPurger } from './run-purger.js';
import { RunReader } from './run-reader.js';
import type {
  Accepted,
  FindOptions,
  InputFor,
  ListFilter,
  PurgeOptions,
  ResultOptions,
  ResultsFor,
  ResumeOptions,
  SignalArguments,
  SignalTarget,
  StartArguments,
  StartManyOptions,
  StartOptions,
  WorkflowTarget,
} from './run-options.interface.js';
import type { JournalRecord, RunPage, RunSnapshot } from './run-snapshot.interface.js';
import { SignalSender } from './signal-sender.js';
import { referenceOf } from './workflow-reference.js';

/**
 * Starts runs, watches them, and gives them orders. Inject it anywhere; every method works in processes without a worker
 * too, and waits until the module has started. So a factory of a provider, which Nest waits for, must not await one: call it
 * from `onModuleInit` on.
 *
 * @example
 * ```ts
 * const run = await this.runner.start(OrderWorkflow, order, { idempotencyKey: order.id });
 * const results = await run.result({ timeout: '30s' });
 * ```
 */
export class DurableRunner extends RunOperator {
  private readonly launcher: RunLauncher;
  private readonly reader: RunReader;
  private readonly signals: SignalSender;

  constructor(backend: RunnerBackend) {
    super(backend);
    this.launcher = new RunLauncher(backend);
    this.reader = new RunReader(backend);
    this.signals = new SignalSender(backend);
  }

  /**
   * Starts a run. Once the promise resolves, the run exists and survives everything that happens to this process.
   *
   * @param input plain JSON data; absent, it is `null`.
   * @throws WorkflowNotRegisteredError
   * @throws InvalidPayloadError, PayloadTooLargeError before anything is written, with the path of what is wrong.
   * @throws SchemaMismatchError likewise, when the workflow has a `schema` that refuses the input.
   * @throws IdempotencyConflictError when the key stands for a run with another input.
   * @throws StoreUnavailableError when the database cannot be reached in 30 s.
   */
  async start<T extends WorkflowTarget>(
    workflow: T,
    ...[input, options = {}]: StartArguments<T, StartOptions>
  ): Promise<RunHandle<ResultsFor<T>, T>> {
    return new RunHandle(this, workflow, await this.launcher.start(workflow, input, options));
  }

  /**
   * Starts many runs in one statement: all of them exist afterwards, or none.
   *
   * @throws as {@link start}; a problem with one input refuses all, and names its index.
   */
  async startMany<T extends WorkflowTarget>(
    workflow: T,
    inputs: readonly InputFor<T>[],
    options: StartManyOptions = {},
  ): Promise<RunHandle<ResultsFor<T>, T>[]> {
    const outcomes = await this.launcher.startMany(workflow, inputs, options);
    return outcomes.map((outcome) => new RunHandle(this, workflow, outcome));
  }

  /**
   * Starts a run and waits for its results.
   *
   * @param options `timeout` is the run's own, as in {@link start}.
   * @throws RunFailedError when the run ends in any other way than completed; and as {@link start}.
   */
  startAndWait<T extends WorkflowTarget>(
    workflow: T,
    ...[input, options = {}]: StartArguments<T, Omit<StartOptions, 'manager'>>
  ): Promise<ResultsFor<T>> {
    return this.launcher.startAndWait(workflow, input, options) as Promise<ResultsFor<T>>;
  }

  /**
   * A run as it stands.
   *
   * @throws RunNotFoundError
   */
  async find<Results = Record<string, any>>(runId: string, options: FindOptions = {}): Promise<RunSnapshot<Results>> {
    assertOptions('find', options);
    return (await this.reader.find(runId, options)) as RunSnapshot<Results>;
  }

  /**
   * Why a run is where it is, and what moves it on: one sentence, and the same as data. By the database's clock; changes
   * nothing.
   *
   * @throws RunNotFoundError
   */
  explain(runId: string): Promise<RunExplanation> {
    return this.reader.explain(runId);
  }

  /**
   * Runs without their payloads, newest first, a page at a time.
   *
   * @throws InvalidOptionError
   */
  list(filter: ListFilter = {}): Promise<RunPage> {
    return this.reader.list(filter);
  }

  /**
   * Everything that happened to a run, in order: what completed, and the attempts that failed.
   *
   * @throws RunNotFoundError
   */
  async journal(runId: string): Promise<readonly JournalRecord[]> {
    return (await this.find(runId, { journal: true })).journal;
  }

  /**
   * The plan of a workflow as data, with a drawing in `mermaid`; also of one whose class is gone.
   *
   * @param version the highest one where absent.
   * @throws WorkflowNotRegisteredError
   */
  async plan(target: WorkflowTarget, version?: number, { hash }: PlanOptions = {}): Promise<DescribedPlan> {
    await this.backend.ready();
    const reference = referenceOf(target);
    return describedPlan(await this.backend.planOf(reference.name, version ?? reference.version, hash));
  }

  /**
   * What this process's code would do with every run in flight: go on, stop and at which node, or leave it alone. Touches
   * nothing. For a step of a deployment, before the new code takes runs: `worker: false`.
   */
  checkPlans(): Promise<readonly PlanCheck[]> {
    return new PlanChecker(this.backend).check();
  }

  /**
   * Moves runs that no worker holds to another version of their workflow, or to the changed plan of their own, one
   * transaction a run. Nodes are found by name; `map` says which have another one. A run is refused, with the reasons, when
   * the other plan would execute a node twice, leave one out, or not find what is journaled.
   *
   * @returns what became of each run that is not there already; with `dryRun` what would, and nothing is touched.
   * @throws WorkflowNotRegisteredError when the version is unknown.
   * @throws InvalidOptionError when `to` is another workflow, or `map` names a node that the version does not have.
   */
  migrate(filter: MigrateFilter, options: MigrateOptions): Promise<readonly MigrationResult[]> {
    return new RunMigrator(this.backend).migrate(filter, options);
  }

  /**
   * Waits for a run to end, in whichever process, and resolves with its results by node name.
   *
   * @throws RunFailedError when it ends in any other way than completed.
   * @throws ResultTimeoutError
   * @throws RunNotFoundError
   */
  async result<Results = Record<string, any>>(runId: string, options: ResultOptions = {}): Promise<Results> {
    assertOptions('result', options);
    const { timeout } = options;
    await this.ready(runId);
    const timeoutMs = timeout === undefined ? null : durationMs(timeout, 'option timeout of result');
    return (await this.backend.waiter.result(runId, timeoutMs)) as Results;
  }

  /**
   * Sends a signal to a run. It is durable: what no wait takes now is kept for a later wait of that name, first come first
   * served, and a run that has ended keeps nothing. Where the wait has a validator, and this process registers the run's
   * workflow, what the validator makes of the payload is stored.
   *
   * @param target with `{ workflow: OrderWorkflow, … }` the payload is typed by the class.
   * @param name the signal's name; with a class, also that of the property that waits for it.
   * @returns `accepted`: whether a wait of the run takes it now.
   * @throws SchemaMismatchError, InvalidPayloadError before anything is written; RunNotFoundError.
   */
  async signal<T extends WorkflowTarget = string, Name extends string = string>(
    target: SignalTarget<T>,
    name: Name,
    ...[payload, options = {}]: SignalArguments<T, Name>
  ): Promise<Accepted> {
    assertName('signal name', name);
    assertOptions('signal', options);
    if (options.id !== undefined) assertIdempotencyKey(options.id);
    if (options.by !== undefined) assertName('by', options.by);
    return this.signals.signal(target, name, payload, options);
  }

  /**
   * Enters a suspended step again, where `ctx.resumeData()` returns `data`.
   *
   * @returns `accepted`: whether a step of the run was suspended.
   * @throws InvalidPayloadError before anything is written; RunNotFoundError.
   */
  async resume(runId: string, data?: unknown, options: ResumeOptions = {}): Promise<Accepted> {
    assertOptions('resume', options);
    const { by } = options;
    if (by !== undefined) assertName('by', by);
    await this.ready(runId);
    return this.signals.resume(runId, data, by);
  }

  /** Hands the runs of dead workers back now, as the engine does by itself within a second. Returns how many. */
  async recover(): Promise<number> {
    await this.backend.ready();
    const runs = await this.backend.recover();
    this.reports.acted('recover', { accepted: true, runs });
    return runs;
  }

  /**
   * Deletes runs that have ended, with everything that belongs to them. Returns how many.
   *
   * @throws InvalidOptionError when `status` names one in which runs have not ended.
   */
  async purge(options: PurgeOptions): Promise<number> {
    await this.backend.ready();
    const runs = await new RunPurger(this.backend).purge(options);
    this.reports.acted('purge', { accepted: true, runs });
    return runs;
  }
}

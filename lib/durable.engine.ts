import type { LoggerService } from '@nestjs/common';
import type { Awaitable } from './common/awaitable.js';
import { SystemClock } from './common/clock.js';
import { Deferred } from './common/deferred.js';
import { assertName } from './common/names.js';
import { isVersion } from './definition/check-identity.js';
import { planFromText, planToJson, type PlanJson } from './definition/plan-json.js';
import type { RunStatus } from './definition/run-state.js';
import type { WorkflowRegistry } from './definition/workflow.registry.js';
import type { WorkflowExplorer } from './discovery/workflow.explorer.js';
import type { ResolvedDurableOptions } from './durable.options.js';
import { PlanKeeper } from './durable.plan-keeper.js';
import { SchemaBehindError, WorkflowDefinitionError, WorkflowNotRegisteredError } from './errors/index.js';
import type { RunSession } from './engine/execution/run-session.js';
import { DurableWorker } from './engine/worker/durable-worker.js';
import { ResultWaiter } from './runner/result-waiter.js';
import { RunStarter } from './runner/run-starter.js';
import type { RunnerBackend } from './runner/runner-backend.interface.js';
import type { StartableWorkflow } from './runner/start-plan.js';
import type { EventHandlerExplorer } from './observability/event-handler.explorer.js';
import { loadTracing } from './observability/load-tracing.js';
import type { Telemetry } from './observability/telemetry.js';
import type { PlanStore, StoredDefinition } from './storage/contract/plan-store.contract.js';
import type { RunAdmin } from './storage/contract/run-admin.contract.js';
import type { RunInspector } from './storage/contract/run-facts.contract.js';
import type { RunRepair } from './storage/contract/run-repair.contract.js';
import type { Storage } from './storage/contract/storage.contract.js';

export interface DurableEngineParts {
  readonly options: ResolvedDurableOptions;
  readonly storage: Storage;
  readonly registry: WorkflowRegistry;
  readonly explorer: Pick<WorkflowExplorer, 'explore'>;
  /** Whether every provider has been made. @default they have */
  readonly isComplete?: () => boolean;
  readonly eventHandlers: Pick<EventHandlerExplorer, 'explore'>;
  readonly logger: LoggerService;
  readonly telemetry: Telemetry;
}

/**
 * The composition of one module: storage, registry, runner's backend and worker, with one lifecycle.
 *
 * States: created → ready (`ready()`: workflows registered, schema current, plans stored) → working (`startWorker`) →
 * stopped (`stopWorker`: no run is held) → closed (`close`: no connection is open). `ready` may be called by anybody at
 * any time, also before there is anything to be ready with; each of the others once or twice.
 */
export class DurableEngine implements RunnerBackend {
  readonly starter: RunStarter;
  readonly waiter: ResultWaiter;
  readonly worker: DurableWorker | null;
  readonly defaults: RunnerBackend['defaults'];
  private becomingReady: Promise<void> | null = null;
  private isReady = false;
  private plansKept: PlanKeeper | null = null;
  /** Resolves with the first `begin`. */
  private readonly begun = new Deferred();

  constructor(private readonly parts: DurableEngineParts) {
    const { options, storage } = parts;
    const { queue, payloadLimit, retry } = options;
    this.defaults = { queue, payloadLimit, maxAttempts: retry.maxAttempts };
    this.waiter = new ResultWaiter(storage.admin, new SystemClock(), (id) => this.worker?.holds(id) ?? false);
    this.worker = options.worker === false ? null : this.createWorker(options.worker);
    const { clock } = options;
    const onDue = (queue: string): void => this.wakeQueue(queue);
    this.starter = new RunStarter({
      store: storage.runs,
      clock,
      slots: this.worker,
      onDue,
      telemetry: parts.telemetry,
    });
  }

  get registry(): WorkflowRegistry {
    return this.parts.registry;
  }

  get telemetry(): Telemetry {
    return this.parts.telemetry;
  }

  get schemaName(): string {
    return this.parts.options.schema;
  }

  get storage(): Pick<Storage, 'vitals' | 'schema'> {
    return this.parts.storage;
  }

  get admin(): RunAdmin {
    return this.parts.storage.admin;
  }

  get plans(): PlanStore {
    return this.parts.storage.plans;
  }

  get inspector(): RunInspector {
    return this.parts.storage.inspector;
  }

  get repair(): RunRepair {
    return this.parts.storage.repair;
  }

  /** Registers what the providers declare, so not before all of them are there: from `onModuleInit` on. */
  begin(): Promise<void> {
    this.becomingReady ??= this.orClose(this.becomeReady());
    this.begun.resolve();
    return this.becomingReady;
  }

  /** A call from a constructor waits for `begin`: the workflows that it knew would be those that were made before it. */
  ready(): Awaitable<void> {
    const { becomingReady, plansKept } = this;
    if (becomingReady) {
      const saving = plansKept?.saved() ?? null;
      if (saving !== null) return becomingReady.then(() => saving);
      return this.isReady ? undefined : becomingReady;
    }
    if (this.parts.isComplete?.() ?? true) return this.begin();
    return this.begun.promise.then(() => this.begin());
  }

  async startWorker(): Promise<void> {
    if (this.worker) await this.orClose(this.worker.start());
  }

  /** Also ends the waiting for results: requests that wait would hold up the application's own shutdown. */
  async stopWorker(): Promise<void> {
    await this.worker?.stop();
    await this.waiter.close();
  }

  async close(): Promise<void> {
    await this.stopWorker();
    await this.parts.storage.close();
  }

  startable(name: string, version: number | undefined): Awaitable<StartableWorkflow> {
    return this.parts.registry.find(name, version) ?? this.storedWorkflow(name, version);
  }

  async planOf(name: string, version: number | undefined, hash?: string): Promise<PlanJson> {
    const registered = this.parts.registry.find(name, version);
    if (registered && (hash === undefined || registered.hash === hash)) return planToJson(registered);
    const stored = await this.storedDefinition(name, version, hash);
    const plan = planFromText(stored.plan);
    if (!plan) throw new WorkflowNotRegisteredError(name, version, this.parts.registry.names());
    return plan;
  }

  registeredPlan(name: string, version: number): PlanJson | undefined {
    const registered = this.parts.registry.find(name, version);
    return registered && planToJson(registered);
  }

  wakeRun(runId: string, { worker }: { readonly worker: string | null }): void {
    if (worker === null) return this.wakeQueue(this.defaults.queue);
    if (worker === this.worker?.workerId) void this.worker.poke([runId]);
    else this.parts.storage.channel.notify({ type: 'poke', runId });
  }

  wakeQueue(queue: string): void {
    if (queue === this.defaults.queue) this.worker?.wake();
    this.parts.storage.channel.notify({ type: 'due', queue });
  }

  pausesChanged(): void {
    void this.worker?.lookForPauses();
    this.parts.storage.channel.notify({ type: 'paused' });
  }

  runEnded(): void {
    this.waiter.look();
    this.parts.storage.channel.notify({ type: 'ended' });
  }

  async recover(): Promise<number> {
    if (this.worker) return (await this.worker.recover()).runs;
    const { runs, queues } = await this.parts.storage.workers.sweep({ immediate: true });
    for (const queue of queues) this.wakeQueue(queue);
    return runs;
  }

  /** Nest calls no shutdown hooks of an application that does not start, so nothing may be left open by then. */
  private async orClose(starting: Promise<void>): Promise<void> {
    try {
      await starting;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async becomeReady(): Promise<void> {
    this.registerWorkflows();
    await this.loadTracing();
    await this.checkDatabase();
    await this.bringSchemaUpToDate();
    const { registry, storage, logger } = this.parts;
    this.plansKept = new PlanKeeper({ registry, plans: storage.plans, logger });
    await this.plansKept.saved();
    await storage.channel.subscribe((wakeup) => {
      if (wakeup.type === 'ended' || wakeup.type === 'reconnected') this.waiter.look();
    });
    this.isReady = true;
  }

  private async loadTracing(): Promise<void> {
    const { options, telemetry, logger } = this.parts;
    if (options.tracing) telemetry.tracing = await loadTracing(logger);
  }

  private registerWorkflows(): void {
    const { explorer, eventHandlers, registry, telemetry } = this.parts;
    const { workflows, problems } = explorer.explore(registry.all());
    const listening = eventHandlers.explore();
    const all = [...problems, ...listening.problems];
    if (all.length > 0) throw new WorkflowDefinitionError(all);
    registry.registerAll(workflows);
    for (const { names, listener } of listening.handlers) telemetry.events.listen(listener, names);
  }

  private async checkDatabase(): Promise<void> {
    const { options, storage, logger } = this.parts;
    for (const warning of await storage.check.run(options)) logger.warn(warning);
  }

  private async bringSchemaUpToDate(): Promise<void> {
    const { options, storage, logger } = this.parts;
    if (!options.migrate) {
      const pending = await storage.schema.pending();
      if (pending.length > 0) throw new SchemaBehindError(options.schema, [...pending]);
      return;
    }
    const applied = await storage.schema.migrate();
    if (applied.length > 0) logger.log(`Schema "${options.schema}" brought up to date: ${applied.join(', ')}.`);
  }

  private async storedWorkflow(name: string, version: number | undefined): Promise<StartableWorkflow> {
    const { version: stored, hash } = await this.storedDefinition(name, version);
    return { name, version: stored, hash };
  }

  private async storedDefinition(name: string, version: number | undefined, hash?: string): Promise<StoredDefinition> {
    if (!canBeStored(name, version)) throw new WorkflowNotRegisteredError(name, version, this.parts.registry.names());
    const { plans } = this.parts.storage;
    const exact = version !== undefined && hash !== undefined;
    const found = await (exact ? plans.definition(name, version, hash) : plans.latest(name, version));
    if (!found) throw new WorkflowNotRegisteredError(name, version, this.parts.registry.names());
    return found;
  }

  private createWorker(options: Exclude<ResolvedDurableOptions['worker'], false>): DurableWorker {
    const { storage, registry, logger, telemetry } = this.parts;
    const { clock, queue, jobTimeoutMs, maxDeliveries, payloadLimit, retry } = this.parts.options;
    return new DurableWorker({
      store: storage.runs,
      plans: storage.plans,
      workers: storage.workers,
      channel: storage.channel,
      registry,
      clock,
      logger,
      telemetry,
      queue,
      options,
      limits: { jobTimeoutMs, maxDeliveries, payloadLimit, retry },
      findWorkflow: (name, version) => this.startable(name, version),
      onEnded: (session, status) => this.onEnded(session, status),
    });
  }

  private onEnded(session: RunSession, status: RunStatus): void {
    const { id, workflow, error, cancel } = session;
    const reason = cancel?.reason ?? null;
    this.waiter.ended({ id, workflow: workflow.name, status, error, reason, results: () => session.results.view() });
  }
}

/** A name or version that no workflow can have is that of none; the database would refuse to look it up. */
function canBeStored(name: unknown, version: unknown): boolean {
  try {
    assertName('workflow name', name);
  } catch {
    return false;
  }
  return version === undefined || isVersion(version);
}

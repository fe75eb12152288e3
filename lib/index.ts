export { DurableModule, type DurableModuleAsyncOptions, type DurableOptionsFactory } from './durable.module.js';
export type { DurableModuleOptions, WorkerOptions } from './durable.options.js';

export {
  Branch,
  ChildWorkflow,
  ForEach,
  Loop,
  Parallel,
  Route,
  Sleep,
  Step,
  WaitForAny,
  WaitForSignal,
  Workflow,
  type BranchDecoratorOptions,
  type ChildWorkflowDecoratorOptions,
  type ForEachDecoratorOptions,
  type LoopDecoratorOptions,
  type RouteDecoratorOptions,
  type StepDecoratorOptions,
  type WaitForAnyDecoratorOptions,
  type WaitForSignalDecoratorOptions,
  type WorkflowDecoratorOptions,
} from './decorators/index.js';

export type { CompensationCause, DurableContext } from './definition/durable-context.js';
export { defineDurable } from './definition/define-durable.js';
export { durable, DurableWorkflow, type DurableWorkflowOptions } from './definition/durable-workflow.js';
export type { PlanJson, PlanNodeJson } from './definition/plan-json.js';
export { planToMermaid } from './definition/plan-mermaid.js';
export type { Backoff, NodeKind, PlanNode, RetryPolicy, StandardSchema, StepHandler } from './definition/plan.js';
export type {
  BranchesOf,
  ChildInput,
  InputOf,
  ResultsOf,
  SignalNameOf,
  SignalPayloadOf,
} from './definition/results-of.js';
export { canTransition, isTerminal, RUN_STATUSES, RUN_TRANSITIONS, type RunStatus } from './definition/run-state.js';
export { WorkflowRegistry } from './definition/workflow.registry.js';

export { DURABLE_EVENTS } from './observability/durable-event-names.js';
export type {
  DurableEvent,
  DurableEventMap,
  DurableEventName,
  DurableEventOf,
  OrderedAction,
  ParkReason,
} from './observability/durable-event.interface.js';
export { DurableEvents } from './observability/durable-events.js';
export { DurableHealth, type HealthOptions, type HealthReport } from './observability/durable-health.js';
export { OnDurableEvent } from './observability/on-durable-event.decorator.js';

export { DurableRunner } from './runner/durable-runner.js';
export type {
  DescribedPlan,
  MigrateFilter,
  MigrateOptions,
  MigrationResult,
  PlanCheck,
  PlanOptions,
  PlanPosition,
} from './runner/plan-report.interface.js';
export { RunHandle } from './runner/run-handle.js';
export type {
  ExplainedCompensation,
  ExplainedReason,
  ExplainedRetry,
  ExplainedWorker,
  RunExplanation,
} from './runner/run-explanation.interface.js';
export type {
  Accepted,
  CancelOptions,
  DryRunOptions,
  FindOptions,
  ListFilter,
  OrderOptions,
  PauseTarget,
  PurgeOptions,
  ResultOptions,
  ResumeOptions,
  RetryRunOptions,
  SignalOptions,
  SignalTarget,
  SkipOptions,
  StartManyOptions,
  StartOptions,
  TerminateOptions,
  WorkflowTarget,
} from './runner/run-options.interface.js';
export type {
  JournalRecord,
  OperationRecord,
  RunPage,
  RunSnapshot,
  RunSummary,
} from './runner/run-snapshot.interface.js';

export type { Clock, TimerHandle } from './common/clock.js';
export type { Duration } from './common/duration.js';
export type { JsonValue } from './common/json.types.js';
export type { StoredError } from './storage/contract/records.js';
export type { OperatorAction, WorkflowPause } from './storage/contract/run-repair.contract.js';

export { AttemptEntity } from './storage/postgres/entities/attempt.entity.js';
export { DefinitionEntity } from './storage/postgres/entities/definition.entity.js';
export { durableEntities } from './storage/postgres/entities/durable-entities.js';
export { JournalArchiveEntity } from './storage/postgres/entities/journal-archive.entity.js';
export { JournalEntity } from './storage/postgres/entities/journal.entity.js';
export { OperationEntity } from './storage/postgres/entities/operation.entity.js';
export { PauseEntity } from './storage/postgres/entities/pause.entity.js';
export { ProgressEntity } from './storage/postgres/entities/progress.entity.js';
export { RunEntity } from './storage/postgres/entities/run.entity.js';
export { SignalEntity } from './storage/postgres/entities/signal.entity.js';
export { WorkerEntity } from './storage/postgres/entities/worker.entity.js';
export { multiHost, type MultiHostOptions } from './storage/postgres/connection/multi-host.js';
export { durableMigrationSql } from './storage/postgres/migrations/durable-migration-sql.js';
export {
  durableRolesSql,
  type DurableRole,
  type DurableRolesSqlOptions,
} from './storage/postgres/migrations/durable-roles-sql.js';
export { DurableMigration, durableMigration } from './storage/postgres/migrations/durable-migration.js';

export {
  CheckpointRejectedError,
  DatabaseUnsupportedError,
  DeliveryLimitError,
  DurableError,
  EntitiesMissingError,
  IdempotencyConflictError,
  InvalidDurationError,
  InvalidNameError,
  InvalidOptionError,
  InvalidPayloadError,
  LeaseLostError,
  ManagerNotInTransactionError,
  MissingPeerError,
  NonRetryableError,
  NotTransactionalError,
  PayloadTooLargeError,
  PlanChangedError,
  type PlanDifference,
  ResultTimeoutError,
  RunCanceledError,
  RunFailedError,
  RunNotFoundError,
  RunNotRetryableError,
  RunNotSkippableError,
  RunTimeoutError,
  SchemaBehindError,
  SchemaMismatchError,
  type SchemaIssue,
  ShutdownError,
  StepTimeoutError,
  StoreUnavailableError,
  TransactionNotCommittedError,
  UnknownBranchError,
  WorkerDisabledError,
  WorkflowDefinitionError,
  WorkflowNotRegisteredError,
} from './errors/index.js';

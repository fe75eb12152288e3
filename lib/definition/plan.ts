import type { DurableContext } from './durable-context.js';
import type { Duration } from '../common/duration.js';

/** Every kind of node a plan can have. */
export const NODE_KINDS = [
  'step',
  'parallel',
  'route',
  'loop',
  'forEach',
  'sleep',
  'waitForSignal',
  'waitForAny',
  'childWorkflow',
] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

export type Awaitable<T> = T | Promise<T>;
/** A step, branch or compensation: it receives the context and returns what is journaled. */
export type StepHandler = (ctx: DurableContext<any>) => unknown;
export type IterationHandler = (input: any, ctx: DurableContext<any>) => unknown;
/** Seconds to wait after attempt `failedAttempt` (1-based) failed. */
export type Backoff = (failedAttempt: number) => number;
export type IsolationLevel = 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** How attempts are repeated; what a node does not declare comes from the module's `retry` option. */
export interface RetryPolicy {
  /** Total attempts, the first included. @default 3 */
  readonly maxAttempts: number;
  /** Seconds before the next attempt. @default `2 ** failedAttempt`, at most 60 */
  readonly backoff: Backoff;
}

/** What every executable unit (step, branch, resolver, iteration, item) has in common. */
export interface AttemptOptions {
  /** Effective without module defaults: what was declared, else 3. */
  readonly maxAttempts: number;
  /** Effective without module defaults: what was declared, else exponential. */
  readonly backoff: Backoff;
  /** What the author declared; the module's `retry` option fills the rest at run time. */
  readonly declared: Partial<RetryPolicy>;
  /** Milliseconds one attempt may take; the module's `jobTimeout` where undefined. */
  readonly timeoutMs?: number;
  /** Decides after a failure whether another attempt makes sense; `false` gives up at once. */
  readonly retryIf?: (error: unknown, failedAttempt: number) => boolean;
}

/**
 * A unit that can be undone. What undoes a step or branch receives the context; what undoes an iteration or item
 * receives its input and the context, as its handler did.
 */
export interface UnitOptions<Undo = StepHandler | IterationHandler> extends AttemptOptions {
  /** Undoes the unit when the run fails or is canceled later. */
  readonly compensate?: Undo;
}

export interface StepNode extends UnitOptions<StepHandler> {
  readonly type: 'step';
  readonly name: string;
  readonly handler: StepHandler;
  /** The isolation level of the step's own transaction, or `false` for a step that runs outside one. */
  readonly transactional: false | IsolationLevel;
}

export interface ParallelBranch extends UnitOptions<StepHandler> {
  readonly name: string;
  readonly handler: StepHandler;
}

export interface ParallelNode {
  readonly type: 'parallel';
  readonly name: string;
  readonly entries: readonly ParallelBranch[];
}

export interface RouteBranch extends UnitOptions<StepHandler> {
  readonly name: string;
  readonly handler: StepHandler;
}

/** The attempt options are the resolver's own; every branch has its own. */
export interface RouteNode extends AttemptOptions {
  readonly type: 'route';
  readonly name: string;
  /** Returns the name of the branch to take; journaled before the branch runs. */
  readonly resolver: (ctx: DurableContext<any>) => Awaitable<string>;
  /** By name, in the order of declaration; without a prototype, so that only declared names are found. */
  readonly branches: Readonly<Record<string, RouteBranch>>;
}

export interface LoopNode extends UnitOptions<IterationHandler> {
  readonly type: 'loop';
  readonly name: string;
  readonly handler: IterationHandler;
  readonly maxIterations: number;
  /** Asked after each iteration (0-based); `true` ends the loop. */
  readonly until?: (result: any, iteration: number) => boolean;
  /** Asked before each iteration (0-based); `false` ends the loop. */
  readonly while?: (ctx: DurableContext<any>, iteration: number) => Awaitable<boolean>;
  /** The next iteration's input; the result itself where undefined. */
  readonly feedback?: (result: any) => unknown;
  /** The first iteration's input; the run's input where undefined. */
  readonly mapInput?: (ctx: DurableContext<any>) => unknown;
}

export interface ForEachNode extends UnitOptions<IterationHandler> {
  readonly type: 'forEach';
  readonly name: string;
  readonly handler: IterationHandler;
  readonly items: (ctx: DurableContext<any>) => Awaitable<readonly unknown[]>;
  /** Items in progress at one time. @default 1 */
  readonly concurrency: number;
}

export interface SleepNode {
  readonly type: 'sleep';
  readonly name: string;
  readonly duration: Duration | ((ctx: DurableContext<any>) => Awaitable<Duration>);
}

/** A Standard Schema v1 validator (zod, valibot, arktype, …): https://standardschema.dev */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => Awaitable<
      | { readonly value: unknown; readonly issues?: undefined }
      | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] }[] }
    >;
  };
}

export interface WaitForSignalNode {
  readonly type: 'waitForSignal';
  readonly name: string;
  readonly signal: string | ((ctx: DurableContext<any>) => Awaitable<string>);
  readonly timeout?: Duration;
  readonly schema?: StandardSchema;
}

export interface WaitForAnyNode {
  readonly type: 'waitForAny';
  readonly name: string;
  readonly signals: readonly string[];
  readonly timeout?: Duration;
  /** Validators of payloads by signal name. */
  readonly schemas?: Readonly<Record<string, StandardSchema>>;
}

export interface ChildWorkflowNode {
  readonly type: 'childWorkflow';
  readonly name: string;
  /** The child's workflow name. */
  readonly childName: string;
  /** The highest registered version where undefined. */
  readonly childVersion?: number;
  /** The child's input; the run's input where undefined. */
  readonly mapInput?: (ctx: DurableContext<any>) => unknown;
  /** What happens to a child that still runs when its parent is canceled or fails. @default 'cancel' */
  readonly parentClose: 'cancel' | 'abandon' | 'terminate';
}

export type PlanNode =
  | StepNode
  | ParallelNode
  | RouteNode
  | LoopNode
  | ForEachNode
  | SleepNode
  | WaitForSignalNode
  | WaitForAnyNode
  | ChildWorkflowNode;

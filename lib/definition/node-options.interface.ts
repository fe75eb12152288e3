import type { Duration } from '../common/duration.js';
import type { DurableContext } from './durable-context.js';
import type { Awaitable, Backoff, IsolationLevel, IterationHandler, StandardSchema, StepHandler } from './plan.js';

/** How the attempts of a step, branch, iteration or item are repeated. */
export interface RetryOptions {
  /** Total attempts, the first included: an integer from 1. @default the module's `retry.maxAttempts`, else 3 */
  maxAttempts?: number;
  /** Seconds to wait after attempt `failedAttempt` (1-based) failed. @default the module's, else `2 ** n`, at most 60 */
  backoff?: Backoff;
  /** The longest one attempt may take, as a string (`'30s'`) or in milliseconds. @default the module's `jobTimeout` */
  timeout?: Duration;
  /** Asked after a failure; `false` gives up at once. @default every error is worth another attempt */
  retryIf?: (error: unknown, failedAttempt: number) => boolean;
}

/** Options of a branch of a parallel group or of a route. */
export interface BranchOptions extends RetryOptions {
  /** Undoes the branch when the run fails or is canceled later. @default nothing is undone */
  compensate?: StepHandler;
}

export interface StepOptions extends BranchOptions {
  /**
   * Runs the step in a database transaction of its own, which also holds its journal row: `ctx.manager` is its
   * `EntityManager`. `true` stands for READ COMMITTED. @default false
   */
  transactional?: boolean | IsolationLevel;
}

export interface ParallelEntry extends BranchOptions {
  name: string;
  handler: StepHandler;
}

/** A branch of a route: its handler, or the handler with options of its own. */
export type RouteBranchDefinition = StepHandler | (BranchOptions & { handler: StepHandler });

/** Options of everything that is executed once for each of many inputs. */
export interface IterationOptions extends RetryOptions {
  /** Undoes one iteration or item: receives its input and the context. @default nothing is undone */
  compensate?: IterationHandler;
}

export interface LoopOptions extends IterationOptions {
  /** The loop ends after this many iterations at the latest: an integer from 1. */
  maxIterations: number;
  /** Ends the loop after an iteration (0-based) when true. @default never */
  until?: (result: any, iteration: number) => boolean;
  /** Asked before each iteration (0-based); `false` ends the loop. @default always true */
  while?: (ctx: DurableContext<any>, iteration: number) => Awaitable<boolean>;
  /** The next iteration's input. @default the result itself */
  feedback?: (result: any) => unknown;
  /** The first iteration's input. @default the run's input */
  mapInput?: (ctx: DurableContext<any>) => unknown;
}

export interface ForEachOptions extends IterationOptions {
  /** What to go over; evaluated once for each run. */
  items: (ctx: DurableContext<any>) => Awaitable<readonly unknown[]>;
  /** Items in progress at one time: an integer from 1. @default 1 */
  concurrency?: number;
}

/** A sleep's length, or a function of the context that returns it. */
export type SleepDuration = Duration | ((ctx: DurableContext<any>) => Awaitable<Duration>);

/** A signal's name, or a function of the context that returns it. */
export type SignalName = string | ((ctx: DurableContext<any>) => Awaitable<string>);

export interface WaitForSignalOptions {
  /** How long to wait; the node's result is `null` afterwards. @default forever */
  timeout?: Duration;
  /** Validates the payload before it is stored. @default anything is accepted */
  schema?: StandardSchema;
}

export interface WaitForAnyOptions {
  /** How long to wait; the node's result is `null` afterwards. @default forever */
  timeout?: Duration;
  /** Validators of payloads by signal name. @default anything is accepted */
  schemas?: Readonly<Record<string, StandardSchema>>;
}

export interface ChildWorkflowOptions {
  /** The child's version. @default that of the class or builder; for a name, the highest when the child starts */
  version?: number;
  /** What happens to a child that still runs when its parent is canceled or fails. @default 'cancel' */
  parentClose?: 'cancel' | 'abandon' | 'terminate';
}

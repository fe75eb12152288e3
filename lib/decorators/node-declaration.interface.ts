import type { ChildTarget } from '../definition/child-target.js';
import type {
  BranchOptions,
  ChildWorkflowOptions,
  ForEachOptions,
  LoopOptions,
  RetryOptions,
  SignalName,
  SleepDuration,
  StepOptions,
  WaitForAnyOptions,
  WaitForSignalOptions,
} from '../definition/node-options.interface.js';
import type { IterationHandler, StepHandler } from '../definition/plan.js';

/** Every node can have another name than its method or property. */
export interface Named {
  /** The node's name in the journal and in `ctx.results`. @default the name of the method or property */
  name?: string;
}

/** In a class, what undoes a step may also be the name of a method. */
type WithMethods<Options, Handler> = Omit<Options, 'compensate'> & {
  /** Undoes it when the run fails or is canceled later: a method's name, or a function. @default nothing is undone */
  compensate?: string | Handler;
};

export type StepDecoratorOptions = WithMethods<StepOptions, StepHandler> & Named;
export type BranchDecoratorOptions = WithMethods<BranchOptions, StepHandler> & Named;
export type RouteDecoratorOptions = RetryOptions & Named;
export type LoopDecoratorOptions = WithMethods<LoopOptions, IterationHandler> & Named;
export type ForEachDecoratorOptions = WithMethods<ForEachOptions, IterationHandler> & Named;
export type WaitForSignalDecoratorOptions = WaitForSignalOptions & Named;
export type WaitForAnyDecoratorOptions = WaitForAnyOptions & Named;
export type ChildWorkflowDecoratorOptions = ChildWorkflowOptions & Named;

/** What one decorator says of the member below it. Nothing is validated: discovery does that, for all classes at once. */
export type NodeDeclaration =
  | { readonly kind: 'step'; readonly options: StepDecoratorOptions }
  | { readonly kind: 'parallel'; readonly group: string; readonly options: BranchDecoratorOptions }
  | { readonly kind: 'route'; readonly options: RouteDecoratorOptions }
  | { readonly kind: 'branch'; readonly route: string; readonly options: BranchDecoratorOptions }
  | { readonly kind: 'loop'; readonly options: LoopDecoratorOptions }
  | { readonly kind: 'forEach'; readonly options: ForEachDecoratorOptions }
  | { readonly kind: 'sleep'; readonly duration: SleepDuration | undefined; readonly options: Named }
  | {
      readonly kind: 'waitForSignal';
      readonly signal: SignalName | undefined;
      readonly options: WaitForSignalDecoratorOptions;
    }
  | { readonly kind: 'waitForAny'; readonly signals: readonly string[]; readonly options: WaitForAnyDecoratorOptions }
  | {
      readonly kind: 'childWorkflow';
      readonly child: ChildTarget | (() => ChildTarget);
      readonly options: ChildWorkflowDecoratorOptions;
    };

/** What a decorator stands on. */
export type MemberKind = 'method' | 'property' | 'accessor';

/** One use of one decorator. */
export interface MemberDeclaration {
  readonly key: string | symbol;
  readonly member: MemberKind;
  readonly isStatic: boolean;
  readonly node: NodeDeclaration;
}

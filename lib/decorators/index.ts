export { Branch } from './branch.decorator.js';
export { ChildWorkflow } from './child-workflow.decorator.js';
export { ForEach } from './for-each.decorator.js';
export { Loop } from './loop.decorator.js';
export { Parallel } from './parallel.decorator.js';
export { Route } from './route.decorator.js';
export { Sleep } from './sleep.decorator.js';
export { Step } from './step.decorator.js';
export { WaitForAny } from './wait-for-any.decorator.js';
export { WaitForSignal } from './wait-for-signal.decorator.js';
export { Workflow, type WorkflowDecoratorOptions } from './workflow.decorator.js';
export type {
  BranchDecoratorOptions,
  ChildWorkflowDecoratorOptions,
  ForEachDecoratorOptions,
  LoopDecoratorOptions,
  RouteDecoratorOptions,
  StepDecoratorOptions,
  WaitForAnyDecoratorOptions,
  WaitForSignalDecoratorOptions,
} from './node-declaration.interface.js';

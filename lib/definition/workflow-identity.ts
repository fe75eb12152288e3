import type { StandardSchema } from './plan.js';

/** What `@Workflow` declares. Not validated: discovery does that, and reports every mistake at once. */
export interface WorkflowIdentity {
  readonly name: string;
  readonly version: number;
  /** Validates the input before a run is written. */
  readonly schema?: StandardSchema;
}

/** Any class, whatever its constructor takes. `W` is the type of its instances. */
export type WorkflowClass<W = unknown> = abstract new (...args: never[]) => W;

/** Shared by every copy of this package in a process. */
const IDENTITY = Symbol.for('nest-durable.workflow');

/** Marks a class as a workflow. Only `@Workflow` calls this. */
export function assignIdentity(target: WorkflowClass, identity: WorkflowIdentity): void {
  Object.defineProperty(target, IDENTITY, { value: identity, configurable: true });
}

/**
 * The name and version of a workflow class, or `undefined` when neither the class nor one that it extends has
 * `@Workflow`. A subclass without a `@Workflow` of its own stands for its base: that is what a test double is.
 */
export function identityOf(target: unknown): WorkflowIdentity | undefined {
  if (typeof target !== 'function') return undefined;
  return (target as { [IDENTITY]?: WorkflowIdentity })[IDENTITY];
}

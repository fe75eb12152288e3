import { identityOf } from '../definition/workflow-identity.js';
import { WorkflowNotRegisteredError } from '../errors/index.js';
import type { WorkflowTarget } from './run-options.interface.js';

/**
 * The name, and the version where it is said, of a class or builder.
 *
 * @throws WorkflowNotRegisteredError when a class has no `@Workflow`.
 */
export function referenceOf(target: Exclude<WorkflowTarget, string>): { name: string; version?: number } {
  const identity = typeof target === 'function' ? identityOf(target) : target;
  if (!identity) throw new WorkflowNotRegisteredError(String((target as { name?: unknown }).name), undefined, []);
  return identity;
}

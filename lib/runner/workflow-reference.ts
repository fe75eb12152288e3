import { identityOf } from '../definition/workflow-identity.js';
import { InvalidOptionError, WorkflowNotRegisteredError } from '../errors/index.js';
import type { WorkflowTarget } from './run-options.interface.js';

/**
 * The name of a workflow, and the version where a class or builder says it.
 *
 * @throws WorkflowNotRegisteredError when a class has no `@Workflow`.
 * @throws InvalidOptionError for what names no workflow at all.
 */
export function referenceOf(target: WorkflowTarget): { readonly name: string; readonly version?: number } {
  if (typeof target === 'string') return { name: target };
  const identity = typeof target === 'function' ? identityOf(target) : target;
  if (typeof identity?.name === 'string') return identity;
  if (typeof target === 'function') throw undecorated(target.name);
  const expectation = 'the name of a workflow, a class with @Workflow, or a builder';
  throw new InvalidOptionError('workflow', target, expectation);
}

function undecorated(name: string): WorkflowNotRegisteredError {
  const problem = name === '' ? 'The class has no @Workflow' : `Class ${name} has no @Workflow`;
  return new WorkflowNotRegisteredError(name, undefined, [], `${problem}, so it names no workflow: add it.`);
}

import { assertName } from '../common/names.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import type { ProblemList } from './problem-list.js';
import { identityOf, type WorkflowClass } from './workflow-identity.js';

/** A workflow as others refer to it; without a version, the highest one that is registered. */
export interface WorkflowReference {
  readonly name: string;
  readonly version?: number;
}

/** What a child can be named by: its name, its class, or its builder. */
export type ChildTarget = string | WorkflowClass | (WorkflowReference & { readonly version: number });

const EXPECTED = 'the name of a workflow, a class with @Workflow, or a builder';

/**
 * Finds out which workflow a child is. Reports what cannot be one; whether it is registered shows when all workflows are
 * known.
 *
 * @param target a `ChildTarget`, or an arrow function that returns one, for classes that import each other.
 */
export function resolveChild(target: unknown, where: string, problems: ProblemList): WorkflowReference | undefined {
  const option = `child of ${where}`;
  const child = isThunk(target) ? target() : target;
  const identity = identityOf(child);
  if (identity !== undefined) return { name: identity.name, version: identity.version };
  if (isReference(child)) return { name: child.name, version: child.version };
  if (typeof child === 'string') return problems.attempt(() => namedChild(option, child));
  problems.add(new InvalidOptionError(option, child, EXPECTED + hint(child), { shown: shown(child) }));
  return undefined;
}

function namedChild(option: string, name: string): WorkflowReference {
  assertName(option, name);
  return { name };
}

/** An arrow function has no `prototype`; a class always has one. */
function isThunk(target: unknown): target is () => unknown {
  return typeof target === 'function' && !Object.hasOwn(target, 'prototype');
}

function isReference(child: unknown): child is WorkflowReference {
  if (typeof child !== 'object' || child === null) return false;
  const { name, version } = child as Partial<WorkflowReference>;
  return typeof name === 'string' && typeof version === 'number';
}

function hint(child: unknown): string {
  if (child === undefined) return '; files that import each other need () => TheClass';
  if (typeof child === 'function') return '; the class has no @Workflow, so add it';
  return '';
}

function shown(child: unknown): string | undefined {
  return typeof child === 'function' && child.name !== '' ? child.name : undefined;
}

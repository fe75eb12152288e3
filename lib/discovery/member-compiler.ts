import { didYouMean } from '../common/did-you-mean.js';
import type { NodeDeclaration } from '../decorators/node-declaration.interface.js';
import type { NodeSpec, UnitSpec } from '../definition/node-spec.interface.js';
import { showValue } from '../errors/show-value.js';
import { bindMethod, bindOptions, hasMethod, methodNames, type AnyFunction } from './member-binding.js';
import type { WorkflowMember } from './workflow-metadata.accessor.js';

const DECORATORS: Readonly<Record<NodeDeclaration['kind'], string>> = {
  step: '@Step',
  parallel: '@Parallel',
  route: '@Route',
  branch: '@Branch',
  loop: '@Loop',
  forEach: '@ForEach',
  sleep: '@Sleep',
  waitForSignal: '@WaitForSignal',
  waitForAny: '@WaitForAny',
  childWorkflow: '@ChildWorkflow',
};

/** Kinds that are of no use without a method. The others may stand on a property. */
const METHOD_KINDS: readonly NodeDeclaration['kind'][] = ['step', 'parallel', 'route', 'branch', 'loop', 'forEach'];

type Single = 'step' | 'loop' | 'forEach' | 'sleep' | 'waitForSignal' | 'waitForAny' | 'childWorkflow';

/** One decorated member, ready to be put into a plan. */
export type CompiledMember =
  | { readonly type: 'node'; readonly spec: Extract<NodeSpec, { type: Single }> }
  | { readonly type: 'route'; readonly unit: UnitSpec }
  | { readonly type: 'parallel'; readonly group: string; readonly unit: UnitSpec }
  | { readonly type: 'branch'; readonly route: string; readonly unit: UnitSpec };

/**
 * Turns one member into a part of the plan, its handler bound to the instance. A member that cannot be used is reported
 * and compiled nevertheless, so that what depends on it is not reported, too.
 */
export function compileMember(
  className: string,
  instance: object,
  { key, member, isStatic, nodes }: WorkflowMember,
  problems: string[],
): CompiledMember {
  const where = `${className}.${typeof key === 'symbol' ? key.toString() : key}`;
  const [node] = nodes;
  const misplaced = misplacement(node, member, key, isStatic, nodes);
  if (misplaced !== undefined) problems.push(`${where}: ${misplaced}`);
  const onMethod = member === 'method';
  const usable = misplaced === undefined && typeof key === 'string';
  if (usable && onMethod && !hasMethod(instance, key)) {
    problems.push(`${where}: the object provided for ${className} has no method "${key}": add it.`);
  }
  const method = usable && onMethod ? bindMethod(instance, key) : undefined;
  const { name, options } = readOptions(node.options, instance, where, problems);
  const defaultName = typeof key === 'symbol' ? (key.description ?? 'symbol') : key;
  const located = { name: (name ?? defaultName) as string, where };
  return compileNode(node, located, method ?? unusable, onMethod, options);
}

function compileNode(
  node: NodeDeclaration,
  { name, where }: { readonly name: string; readonly where: string },
  handler: AnyFunction,
  onMethod: boolean,
  options: object | undefined,
): CompiledMember {
  const base = { name, where, named: `node name of ${where}` };
  const unit = { ...base, handler, options };
  switch (node.kind) {
    case 'step':
    case 'loop':
    case 'forEach':
      return { type: 'node', spec: { type: node.kind, ...unit } };
    case 'route':
      return { type: 'route', unit };
    case 'parallel':
      return { type: 'parallel', group: node.group, unit: { ...unit, named: `branch name of ${where}` } };
    case 'branch':
      return { type: 'branch', route: node.route, unit: { ...unit, named: `branch name of ${where}` } };
    case 'sleep': {
      const duration = onMethod ? (handler as () => string) : (node.duration ?? 0);
      return { type: 'node', spec: { type: 'sleep', ...base, duration } };
    }
    case 'waitForSignal': {
      const signal = onMethod ? (handler as () => string) : (node.signal ?? name);
      return { type: 'node', spec: { type: 'waitForSignal', ...base, signal, options } };
    }
    case 'waitForAny':
      return { type: 'node', spec: { type: 'waitForAny', ...base, signals: node.signals, options } };
    case 'childWorkflow': {
      const mapInput = onMethod ? handler : undefined;
      return { type: 'node', spec: { type: 'childWorkflow', ...base, child: node.child, mapInput, options } };
    }
  }
}

/** What is wrong with the place of a decorator, with the fix; `undefined` when nothing is. */
function misplacement(
  node: NodeDeclaration,
  member: WorkflowMember['member'],
  key: string | symbol,
  isStatic: boolean,
  nodes: readonly NodeDeclaration[],
): string | undefined {
  const decorator = DECORATORS[node.kind];
  if (nodes.length > 1) {
    const all = nodes.map(({ kind }) => DECORATORS[kind]).reverse();
    return `${all.join(' and ')} cannot stand on one member, which is one node: keep one of them.`;
  }
  if (typeof key === 'symbol')
    return `${decorator} cannot stand on a symbol: runs are stored by name, so use a string.`;
  if (isStatic)
    return `${decorator} cannot stand on a static member: steps run on the provider's instance, so remove static.`;
  if (member === 'accessor') return `${decorator} cannot stand on a getter or setter: make it a method.`;
  if (member === 'property' && METHOD_KINDS.includes(node.kind))
    return `${decorator} stands on methods only: make it a method.`;
  if (member === 'method' && node.kind === 'waitForAny')
    return '@WaitForAny stands on properties only: make it a property.';
  return valueAndMethod(node, member);
}

/** A value that says it all belongs on a property; a method says it itself. */
function valueAndMethod(node: NodeDeclaration, member: WorkflowMember['member']): string | undefined {
  if (node.kind === 'sleep' && member === 'property' && node.duration === undefined) {
    return "@Sleep on a property needs a duration: @Sleep('7d'), or a method that returns one.";
  }
  if (node.kind === 'sleep' && member === 'method' && node.duration !== undefined) {
    return '@Sleep with a duration stands on a property, without one on a method that returns it: choose one.';
  }
  if (node.kind === 'waitForSignal' && member === 'method' && node.signal !== undefined) {
    return '@WaitForSignal with a name stands on a property, without one on a method that returns it: choose one.';
  }
  return undefined;
}

/** Takes the name out, turns the name of a compensating method into the method, and binds all functions. */
function readOptions(
  options: unknown,
  instance: object,
  where: string,
  problems: string[],
): { readonly name?: unknown; readonly options: object | undefined } {
  if (typeof options !== 'object' || options === null) return { options: options as undefined };
  const { name, ...own } = options as Record<string, unknown>;
  const bound = bindOptions(instance, own);
  if (typeof own.compensate !== 'string') return { name, options: bound };
  if (!hasMethod(instance, own.compensate)) {
    const meant = didYouMean(own.compensate, methodNames(instance));
    const fix = meant === undefined ? 'add it, or correct the option compensate.' : `did you mean "${meant}"?`;
    problems.push(`${where}: there is no method ${showValue(own.compensate)} to compensate it with: ${fix}`);
  }
  return { name, options: { ...bound, compensate: bindMethod(instance, own.compensate) } };
}

/** Stands for the handler of a member that was reported; the workflow is never registered. */
function unusable(): never {
  throw new Error('unreachable: the workflow has mistakes and is not registered');
}

import { parseDuration } from '../common/duration.js';
import { assertName, assertNodeName } from '../common/names.js';
import { InvalidOptionError } from '../errors/invalid-option.error.js';
import { showValue } from '../errors/show-value.js';
import { resolveChild } from './child-target.js';
import {
  ATTEMPT_OPTIONS,
  UNIT_OPTIONS,
  attemptOptions,
  compileBranches,
  compileUnit,
  effectiveOptions,
  handlerOf,
  present,
} from './compile-unit.js';
import type { NodeSpec } from './node-spec.interface.js';
import { NodeOptionReader } from './node-option-reader.js';
import type {
  ChildWorkflowNode,
  ForEachNode,
  IsolationLevel,
  LoopNode,
  ParallelNode,
  PlanNode,
  RouteBranch,
  RouteNode,
  SleepNode,
  StepNode,
  WaitForAnyNode,
  WaitForSignalNode,
} from './plan.js';
import type { ProblemList } from './problem-list.js';

const ISOLATION_LEVELS: readonly IsolationLevel[] = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];
const PARENT_CLOSE: readonly ChildWorkflowNode['parentClose'][] = ['cancel', 'abandon', 'terminate'];

/** What PostgreSQL's `integer` holds: versions, iterations and items are counted in such columns. */
export const LARGEST_INTEGER = 2 ** 31 - 1;

/**
 * Makes a node of the plan from its declaration: validated, complete, frozen.
 *
 * Pure. Adds everything that is wrong to `problems`, each naming `spec.where`, the value and what is expected; the node
 * is usable only when nothing was added.
 */
export function compileNode(spec: NodeSpec, problems: ProblemList): PlanNode {
  problems.attempt(() => assertNodeName(spec.name, spec.named));
  switch (spec.type) {
    case 'step':
      return compileStep(spec, problems);
    case 'parallel':
      return compileParallel(spec, problems);
    case 'route':
      return compileRoute(spec, problems);
    case 'loop':
      return compileLoop(spec, problems);
    case 'forEach':
      return compileForEach(spec, problems);
    case 'sleep':
      return compileSleep(spec, problems);
    case 'waitForSignal':
      return compileWaitForSignal(spec, problems);
    case 'waitForAny':
      return compileWaitForAny(spec, problems);
    case 'childWorkflow':
      return compileChild(spec, problems);
  }
}

type Spec<T extends NodeSpec['type']> = Extract<NodeSpec, { type: T }>;

function compileStep(spec: Spec<'step'>, problems: ProblemList): StepNode {
  const options = new NodeOptionReader(spec.options, spec.where, [...UNIT_OPTIONS, 'transactional'], problems);
  const transactional = options.oneOf('transactional', [false, true, ...ISOLATION_LEVELS]) ?? false;
  return Object.freeze({
    type: 'step',
    ...compileUnit(spec, options, problems),
    transactional: transactional === true ? 'READ COMMITTED' : transactional,
  });
}

function compileParallel(spec: Spec<'parallel'>, problems: ProblemList): ParallelNode {
  const fallback = attemptOptions(new NodeOptionReader(spec.options, spec.where, ATTEMPT_OPTIONS, problems));
  if (spec.entries.length === 0) {
    problems.add(new InvalidOptionError(`entries of ${spec.where}`, [], 'at least one entry', { shown: 'none' }));
  }
  const entries = compileBranches(spec.entries, fallback, problems);
  return Object.freeze({ type: 'parallel', name: spec.name, entries: Object.freeze(entries) });
}

function compileRoute(spec: Spec<'route'>, problems: ProblemList): RouteNode {
  const fallback = attemptOptions(new NodeOptionReader(spec.options, spec.where, ATTEMPT_OPTIONS, problems));
  if (spec.branches.length === 0) {
    problems.add(
      new InvalidOptionError(
        `branches of ${spec.where}`,
        {},
        `at least one branch (in a class: a method with @Branch(${showValue(spec.name)}))`,
        { shown: 'none' },
      ),
    );
  }
  const branches = Object.create(null) as Record<string, RouteBranch>;
  for (const branch of compileBranches(spec.branches, fallback, problems)) branches[branch.name] = branch;
  return Object.freeze({
    type: 'route',
    name: spec.name,
    resolver: handlerOf<RouteNode['resolver']>(spec, 'resolver', problems),
    branches: Object.freeze(branches),
    ...effectiveOptions(fallback, {}),
  });
}

function compileLoop(spec: Spec<'loop'>, problems: ProblemList): LoopNode {
  const own = ['maxIterations', 'until', 'while', 'feedback', 'mapInput'];
  const options = new NodeOptionReader(spec.options, spec.where, [...UNIT_OPTIONS, ...own], problems);
  options.required('maxIterations', `an integer from 1 to ${LARGEST_INTEGER}`);
  return Object.freeze({
    type: 'loop',
    ...compileUnit<LoopNode['handler']>(spec, options, problems),
    maxIterations: options.integer('maxIterations', 1, LARGEST_INTEGER) ?? 1,
    ...present({
      until: options.fn<LoopNode['until']>('until'),
      while: options.fn<LoopNode['while']>('while'),
      feedback: options.fn<LoopNode['feedback']>('feedback'),
      mapInput: options.fn<LoopNode['mapInput']>('mapInput'),
    }),
  });
}

function compileForEach(spec: Spec<'forEach'>, problems: ProblemList): ForEachNode {
  const options = new NodeOptionReader(spec.options, spec.where, [...UNIT_OPTIONS, 'items', 'concurrency'], problems);
  options.required('items', 'a function of the context that returns an array');
  return Object.freeze({
    type: 'forEach',
    ...compileUnit<ForEachNode['handler']>(spec, options, problems),
    items: options.fn<ForEachNode['items']>('items') ?? (() => []),
    concurrency: options.integer('concurrency', 1, LARGEST_INTEGER) ?? 1,
  });
}

function compileSleep(spec: Spec<'sleep'>, problems: ProblemList): SleepNode {
  const { duration, where } = spec;
  if (typeof duration === 'function') return Object.freeze({ type: 'sleep', name: spec.name, duration });
  const parsed = problems.attempt(() => parseDuration(duration, where)) ?? { ms: 0 };
  return Object.freeze({ type: 'sleep', name: spec.name, duration: 'at' in parsed ? parsed.at : parsed.ms });
}

function compileWaitForSignal(spec: Spec<'waitForSignal'>, problems: ProblemList): WaitForSignalNode {
  const options = new NodeOptionReader(spec.options, spec.where, ['timeout', 'schema'], problems);
  if (typeof spec.signal !== 'function')
    problems.attempt(() => assertName(`signal name of ${spec.where}`, spec.signal));
  return Object.freeze({
    type: 'waitForSignal',
    name: spec.name,
    signal: spec.signal,
    ...present({ timeout: options.duration('timeout'), schema: options.schema('schema') }),
  });
}

function compileWaitForAny(spec: Spec<'waitForAny'>, problems: ProblemList): WaitForAnyNode {
  const options = new NodeOptionReader(spec.options, spec.where, ['timeout', 'schemas'], problems);
  const signals: readonly string[] = Array.isArray(spec.signals) ? [...spec.signals] : [];
  const option = `signals of ${spec.where}`;
  if (signals.length === 0) problems.add(new InvalidOptionError(option, spec.signals, 'an array of signal names'));
  for (const signal of signals) problems.attempt(() => assertName(`signal name of ${spec.where}`, signal));
  if (new Set(signals).size < signals.length) {
    problems.add(new InvalidOptionError(option, signals, 'every name once', { shown: 'a name twice' }));
  }
  return Object.freeze({
    type: 'waitForAny',
    name: spec.name,
    signals: Object.freeze(signals),
    ...present({ timeout: options.duration('timeout'), schemas: options.schemas('schemas', signals) }),
  });
}

function compileChild(spec: Spec<'childWorkflow'>, problems: ProblemList): ChildWorkflowNode {
  const options = new NodeOptionReader(spec.options, spec.where, ['version', 'parentClose'], problems);
  const version = options.integer('version', 1, LARGEST_INTEGER);
  const child = resolveChild(spec.child, spec.where, problems);
  if (version !== undefined && child?.version !== undefined && child.version !== version) {
    const expectation = `${child.version}, the version of the given workflow, or none`;
    problems.add(new InvalidOptionError(`version of ${spec.where}`, version, expectation));
  }
  if (spec.mapInput !== undefined && typeof spec.mapInput !== 'function') {
    problems.add(new InvalidOptionError(`mapInput of ${spec.where}`, spec.mapInput, 'a function of the context'));
  }
  return Object.freeze({
    type: 'childWorkflow',
    name: spec.name,
    childName: child?.name ?? '',
    ...present({
      childVersion: child?.version ?? version,
      mapInput: spec.mapInput as ChildWorkflowNode['mapInput'],
    }),
    parentClose: options.oneOf('parentClose', PARENT_CLOSE) ?? 'cancel',
  });
}

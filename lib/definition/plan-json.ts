import type { Duration } from '../common/duration.js';
import type { DurableWorkflow } from './durable-workflow.js';
import type { PlanNode, UnitOptions } from './plan.js';

/** What stands for a function: that there is one. */
type Present = true;

/** Options of a unit as its author declared them; what is absent comes from the module. */
export type UnitJson = {
  readonly maxAttempts?: number;
  readonly backoff?: Present;
  readonly timeoutMs?: number;
  readonly retryIf?: Present;
  readonly compensate?: Present;
};

/** How long something waits: for milliseconds, until a time (ISO 8601), or as a function of the context says. */
export type WaitJson = { readonly ms: number } | { readonly until: string } | { readonly computed: true };

export type BranchJson = UnitJson & { readonly name: string };

export type PlanNodeJson =
  | (BranchJson & { readonly kind: 'step'; readonly transactional: false | string })
  | { readonly kind: 'parallel'; readonly name: string; readonly branches: readonly BranchJson[] }
  | (UnitJson & { readonly kind: 'route'; readonly name: string; readonly branches: readonly BranchJson[] })
  | (BranchJson & {
      readonly kind: 'loop';
      readonly maxIterations: number;
      readonly until?: Present;
      readonly while?: Present;
      readonly feedback?: Present;
      readonly mapInput?: Present;
    })
  | (BranchJson & { readonly kind: 'forEach'; readonly concurrency: number })
  | { readonly kind: 'sleep'; readonly name: string; readonly duration: WaitJson }
  | {
      readonly kind: 'waitForSignal';
      readonly name: string;
      /** `null` when a function of the context says the name. */
      readonly signal: string | null;
      readonly timeout?: WaitJson;
      readonly schema?: Present;
    }
  | {
      readonly kind: 'waitForAny';
      readonly name: string;
      readonly signals: readonly string[];
      readonly timeout?: WaitJson;
      /** The signals whose payloads are validated. */
      readonly schemas?: readonly string[];
    }
  | {
      readonly kind: 'childWorkflow';
      readonly name: string;
      readonly child: string;
      /** Absent where the highest version is taken. */
      readonly childVersion?: number;
      readonly mapInput?: Present;
      readonly parentClose: string;
    };

/**
 * A plan as data: what is stored in the table `definition`, and what `runner.plan()` returns. Holds nothing but JSON,
 * and is enough to read a run whose class is gone, to draw it, and to compare it with the plan of today.
 */
export type PlanJson = {
  /** The format of this data. Rows are kept for ever, so a change of format is a new number. */
  readonly format: 1;
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  /** The input is validated by a schema. */
  readonly schema?: Present;
  readonly nodes: readonly PlanNodeJson[];
};

/** Describes a workflow as data, nodes in the order of the plan. Two workflows with equal data have equal plans. */
export function planToJson(workflow: DurableWorkflow): PlanJson {
  return {
    format: 1,
    name: workflow.name,
    version: workflow.version,
    hash: workflow.hash,
    ...flags({ schema: workflow.schema }),
    nodes: workflow.steps.map(nodeToJson),
  };
}

/** A stored plan, or `null` when it is in a format of a later release. */
export function planFromText(text: string): PlanJson | null {
  const plan = JSON.parse(text) as Omit<PlanJson, 'format'> & { readonly format: number };
  return plan.format === 1 ? (plan as PlanJson) : null;
}

function nodeToJson(node: PlanNode): PlanNodeJson {
  const { name } = node;
  switch (node.type) {
    case 'step':
      return { kind: 'step', name, ...unitToJson(node), transactional: node.transactional };
    case 'parallel':
      return { kind: 'parallel', name, branches: node.entries.map(branchToJson) };
    case 'route':
      return { kind: 'route', name, ...unitToJson(node), branches: Object.values(node.branches).map(branchToJson) };
    case 'loop': {
      const { until, while: condition, feedback, mapInput } = node;
      const functions = flags({ until, while: condition, feedback, mapInput });
      return { kind: 'loop', name, ...unitToJson(node), maxIterations: node.maxIterations, ...functions };
    }
    case 'forEach':
      return { kind: 'forEach', name, ...unitToJson(node), concurrency: node.concurrency };
    case 'sleep':
      return { kind: 'sleep', name, duration: waitToJson(node.duration) };
    case 'waitForSignal': {
      const signal = typeof node.signal === 'string' ? node.signal : null;
      return { kind: 'waitForSignal', name, signal, ...timeoutToJson(node.timeout), ...flags({ schema: node.schema }) };
    }
    case 'waitForAny': {
      const schemas = node.schemas && { schemas: Object.keys(node.schemas).sort() };
      return { kind: 'waitForAny', name, signals: [...node.signals], ...timeoutToJson(node.timeout), ...schemas };
    }
    case 'childWorkflow': {
      const version = node.childVersion === undefined ? {} : { childVersion: node.childVersion };
      const input = flags({ mapInput: node.mapInput });
      return {
        kind: 'childWorkflow',
        name,
        child: node.childName,
        ...version,
        ...input,
        parentClose: node.parentClose,
      };
    }
  }
}

function branchToJson(branch: UnitOptions & { readonly name: string }): BranchJson {
  return { name: branch.name, ...unitToJson(branch) };
}

function unitToJson(unit: UnitOptions): UnitJson {
  const { declared, timeoutMs, retryIf, compensate } = unit;
  const { maxAttempts, backoff } = declared;
  return {
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...flags({ backoff }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...flags({ retryIf, compensate }),
  };
}

function timeoutToJson(timeout: Duration | undefined): { timeout?: WaitJson } {
  return timeout === undefined ? {} : { timeout: waitToJson(timeout) };
}

/** Durations in a plan are functions, whole milliseconds or dates: `compileNode` has parsed all texts. */
function waitToJson(duration: Duration | ((...args: never[]) => unknown)): WaitJson {
  if (typeof duration === 'function') return { computed: true };
  return duration instanceof Date ? { until: duration.toISOString() } : { ms: Number(duration) };
}

/** `true` for each key that has a value, nothing for the others. */
function flags<K extends string>(values: Readonly<Record<K, unknown>>): { [P in K]?: true } {
  const found = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found.map(([key]) => [key, true])) as { [P in K]?: true };
}

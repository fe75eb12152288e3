import { InvalidNameError } from '../errors/invalid-name.error.js';
import { showValue } from '../errors/show-value.js';
import { WorkflowDefinitionError } from '../errors/workflow-definition.error.js';
import type { ChildTarget } from './child-target.js';
import { compileNode } from './compile-node.js';
import type {
  ChildWorkflowOptions,
  ForEachOptions,
  LoopOptions,
  ParallelEntry,
  RetryOptions,
  RouteBranchDefinition,
  SignalName,
  SleepDuration,
  StepOptions,
  WaitForAnyOptions,
  WaitForSignalOptions,
} from './node-options.interface.js';
import type { NodeSpec, UnitSpec } from './node-spec.interface.js';
import type { ChildWorkflowNode, IterationHandler, PlanNode, RouteNode, StandardSchema, StepHandler } from './plan.js';
import { planHash } from './plan-hash.js';
import { ProblemList } from './problem-list.js';
import { checkIdentity } from './check-identity.js';

export interface DurableWorkflowOptions {
  /** An integer from 1. Versions of one name live side by side. @default 1 */
  version?: number;
  /** Validates the input before a run is written. @default anything is accepted */
  schema?: StandardSchema;
}

/** Marks workflows of every copy of this package in a process. */
const BRAND = Symbol.for('nest-durable.durable-workflow');

/**
 * A named, versioned plan: what the decorators of a class compile to, and a chainable builder.
 *
 * Guarantees: nodes are immutable, and so is every list that `steps` returns. A mistake throws where it is made, and
 * leaves the plan as it was. `freeze()`, which the registry calls, ends the building for good.
 *
 * @example
 * ```ts
 * export const milestone = durable('milestone')
 *   .step('discover', (ctx) => discover(ctx.input))
 *   .parallel('build', [
 *     { name: 'api', handler: (ctx) => buildApi(ctx) },
 *     { name: 'ui', handler: (ctx) => buildUi(ctx) },
 *   ])
 *   .waitForSignal('signoff', 'founder-signoff', { timeout: '7d' })
 *   .step('ship', (ctx) => ship(ctx), { maxAttempts: 5, compensate: (ctx) => recall(ctx) });
 * ```
 */
export class DurableWorkflow {
  readonly version: number;
  readonly schema: StandardSchema | undefined;
  private nodes: readonly PlanNode[] = Object.freeze([]);
  private readonly names = new Set<string>();
  private isFrozen = false;
  private frozenHash: string | undefined;

  /**
   * @throws InvalidNameError
   * @throws InvalidOptionError
   */
  constructor(
    readonly name: string,
    options: DurableWorkflowOptions = {},
  ) {
    const problems = new ProblemList();
    checkIdentity({ ...options, name }, `workflow ${showValue(name)}`, problems);
    problems.throwFirst();
    this.version = options.version ?? 1;
    this.schema = options.schema;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** `instanceof` also holds across two copies of the package. */
  static [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, BRAND);
  }

  /** The declared nodes in the order of the plan. */
  get steps(): readonly PlanNode[] {
    return this.nodes;
  }

  /** True once the workflow is registered: nothing can be added any more. */
  get frozen(): boolean {
    return this.isFrozen;
  }

  /** Names the structure of the plan; see `planHash` for what is in it. */
  get hash(): string {
    if (!this.isFrozen) return planHash(this);
    return (this.frozenHash ??= planHash(this));
  }

  /** A step. Its result is `ctx.results[name]`. */
  step(name: string, handler: StepHandler, options?: StepOptions): this {
    return this.add({ type: 'step', ...this.located(name), handler, options });
  }

  /** Branches that run at one time. The result is an object of theirs by name; `options` apply to every branch. */
  parallel(name: string, entries: readonly ParallelEntry[], options?: RetryOptions): this {
    const located = this.located(name);
    const units = entriesOf(entries).map((entry): UnitSpec => {
      const { name: branch, handler, ...own } = entry;
      return { ...inside(located, branch), handler, options: own };
    });
    return this.add({ type: 'parallel', ...located, entries: units, options });
  }

  /**
   * One of several branches, chosen by `resolver`, which returns its name. The result is `{ branch, result }`; `options`
   * apply to the resolver and to every branch.
   */
  route(
    name: string,
    resolver: RouteNode['resolver'],
    branches: Readonly<Record<string, RouteBranchDefinition>>,
    options?: RetryOptions,
  ): this {
    const located = this.located(name);
    const units = Object.entries(branches ?? {}).map(([branch, definition]): UnitSpec => {
      const { handler, ...own } = typeof definition === 'function' ? { handler: definition } : { ...definition };
      return { ...inside(located, branch), handler, options: own };
    });
    return this.add({ type: 'route', ...located, handler: resolver, branches: units, options });
  }

  /** A handler that runs again and again. The result is an array of every iteration's result. */
  loop(name: string, handler: IterationHandler, options: LoopOptions): this {
    return this.add({ type: 'loop', ...this.located(name), handler, options });
  }

  /** A handler that runs once for each item. The result is an array of every item's result, in the order of the items. */
  forEach(name: string, handler: IterationHandler, options: ForEachOptions): this {
    return this.add({ type: 'forEach', ...this.located(name), handler, options });
  }

  /** A pause that holds no process. */
  sleep(name: string, duration: SleepDuration): this {
    return this.add({ type: 'sleep', ...this.located(name), duration });
  }

  /** Waits for a signal without holding a process. The result is its payload, or `null` after the timeout. */
  waitForSignal(name: string, signal: SignalName, options?: WaitForSignalOptions): this {
    return this.add({ type: 'waitForSignal', ...this.located(name), signal, options });
  }

  /** Waits for the first of several signals. The result is `{ signal, payload }`, or `null` after the timeout. */
  waitForAny(name: string, signals: readonly string[], options?: WaitForAnyOptions): this {
    return this.add({ type: 'waitForAny', ...this.located(name), signals, options });
  }

  /** Starts a run of another workflow and waits for its result. `mapInput` makes its input; else it is the run's. */
  childWorkflow(
    name: string,
    child: ChildTarget,
    mapInput?: ChildWorkflowNode['mapInput'],
    options?: ChildWorkflowOptions,
  ): this {
    return this.add({ type: 'childWorkflow', ...this.located(name), child, mapInput, options });
  }

  /** Ends the building: every later call of a builder method throws. Calling it twice is harmless. */
  freeze(): this {
    this.isFrozen = true;
    return this;
  }

  /** @internal The one way in: builder methods and compiled classes go through here. */
  add(spec: NodeSpec): this {
    if (this.isFrozen) {
      throw new WorkflowDefinitionError([
        `${this.describe()} is registered, so ${spec.where} cannot be added: build the whole plan before it is registered.`,
      ]);
    }
    if (this.names.has(spec.name)) {
      throw new InvalidNameError(spec.named, spec.name, 'another node of the workflow has it; rename one of them');
    }
    const problems = new ProblemList();
    const node = compileNode(spec, problems);
    problems.throwFirst();
    this.names.add(node.name);
    this.nodes = Object.freeze([...this.nodes, node]);
    return this;
  }

  /** `workflow "order" version 2`: how messages speak of it. */
  describe(): string {
    return `workflow ${showValue(this.name)} version ${this.version}`;
  }

  private located(name: string): Located {
    const workflow = `workflow ${showValue(this.name)}`;
    return { name, where: `node ${showValue(name)} of ${workflow}`, named: `node name in ${workflow}` };
  }
}

/** Starts a plan. `options.version` is 1 where it is not given. */
export function durable(name: string, options?: DurableWorkflowOptions): DurableWorkflow {
  return new DurableWorkflow(name, options);
}

interface Located {
  readonly name: string;
  readonly where: string;
  readonly named: string;
}

function inside(node: Located, branch: string): Located {
  return { name: branch, where: `branch ${showValue(branch)} of ${node.where}`, named: `branch name in ${node.where}` };
}

function entriesOf(entries: readonly ParallelEntry[]): readonly ParallelEntry[] {
  return Array.isArray(entries) ? entries : [];
}

import { Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory, DiscoveryService } from '@nestjs/core';
import { checkTogether, outlineOf, type WorkflowOutline } from '../definition/check-together.js';
import { DurableWorkflow } from '../definition/durable-workflow.js';
import { compileClass } from './class-compiler.js';
import { WorkflowMetadataAccessor } from './workflow-metadata.accessor.js';

/** What the providers of an application declare. */
export interface Exploration {
  /** In the order of discovery; those that were registered before are not among them. */
  readonly workflows: readonly DurableWorkflow[];
  /** Every mistake, each with class, method and fix. When there is one, nothing should be registered. */
  readonly problems: readonly string[];
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** One provider that is a workflow. */
interface Found {
  readonly wrapper: Wrapper;
  readonly target: Target;
  readonly instance: object;
}

type Target = abstract new (...args: never[]) => unknown;

/**
 * Finds the workflows among all providers of all modules: classes with `@Workflow`, however they are provided, and
 * plans of the builder that are provided as values or by factories.
 *
 * The only caller of Nest's discovery. Call it once all providers are instantiated, as `isComplete` says. Registers nothing
 * and calls no method of a workflow.
 */
@Injectable()
export class WorkflowExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly accessor: WorkflowMetadataAccessor,
  ) {}

  /**
   * False while Nest is still making providers, as in a constructor: what would be found then is not all there will be.
   * True from `onModuleInit` on.
   */
  isComplete(): boolean {
    // Asked for any context, a singleton answers with its only instance.
    const context = ContextIdFactory.create();
    return this.discovery
      .getProviders()
      .every((wrapper) => isPerContext(wrapper) || wrapper.getInstanceByContextId(context).isResolved);
  }

  /** @param registered workflows that the registry already has: children may refer to them. */
  explore(registered: readonly DurableWorkflow[] = []): Exploration {
    const wrappers = this.discovery.getProviders().filter(({ isAlias }) => !isAlias);
    const builders = builtPlans(wrappers, registered);
    const classes = groupByClass(this.findClasses(wrappers));
    const compiled = [...classes.values()].map((providers) => this.compile(providers));
    const outlines = [...registered, ...builders].map(outlineOf);
    return {
      workflows: [...compiled.flatMap(({ workflow }) => workflow ?? []), ...builders],
      problems: [
        ...compiled.flatMap(({ problems }) => problems),
        ...builders.flatMap(emptyPlan),
        ...checkTogether([...outlines, ...compiled.flatMap(({ outline }) => outline ?? [])]),
      ],
    };
  }

  private findClasses(wrappers: readonly Wrapper[]): Found[] {
    const seen = new Set<object>();
    return wrappers.flatMap((wrapper) => {
      const target = this.workflowClass(wrapper);
      if (target === undefined) return [];
      const instance = instanceOf(wrapper) ?? (isPerContext(wrapper) ? (target.prototype as object) : undefined);
      if (instance === undefined || seen.has(instance)) return [];
      seen.add(instance);
      return { wrapper, target, instance };
    });
  }

  /** The class that says what the provider is: of its instance, else the one that is to be instantiated, else its token. */
  private workflowClass({ instance, metatype, token }: Wrapper): Target | undefined {
    const candidates: unknown[] = [constructorOf(instance), metatype, token];
    return candidates.find(
      (candidate): candidate is Target =>
        this.accessor.identity(candidate) !== undefined || this.accessor.members(candidate).length > 0,
    );
  }

  private compile(providers: readonly Found[]): {
    readonly workflow?: DurableWorkflow;
    readonly problems: readonly string[];
    readonly outline?: WorkflowOutline;
  } {
    const [{ wrapper, target, instance }] = providers;
    const problems = [...manyInstances(providers), ...scopeProblem(wrapper, target.name)];
    const identity = this.accessor.identity(target);
    if (identity === undefined) {
      const fix = 'add @Workflow, or take the class out of the providers if others extend it';
      return { problems: [...problems, `${target.name} has decorated nodes but no @Workflow: ${fix}.`] };
    }
    const members = this.accessor.members(target);
    const compiled = compileClass({ className: target.name, identity, members, instance });
    return { ...compiled, problems: [...problems, ...compiled.problems] };
  }
}

function groupByClass(found: readonly Found[]): Map<Target, Found[]> {
  const classes = new Map<Target, Found[]>();
  for (const provider of found) classes.set(provider.target, [...(classes.get(provider.target) ?? []), provider]);
  return classes;
}

/** Plans of the builder among the providers, once each, without those that are registered. */
function builtPlans(wrappers: readonly Wrapper[], registered: readonly DurableWorkflow[]): DurableWorkflow[] {
  const plans = wrappers.flatMap(({ instance }: { instance: unknown }) =>
    instance instanceof DurableWorkflow ? instance : [],
  );
  return [...new Set(plans)].filter((plan) => !registered.includes(plan));
}

function emptyPlan(plan: DurableWorkflow): string[] {
  return plan.steps.length > 0 ? [] : [`${plan.describe()} has no nodes: add at least one, e.g. with step(…).`];
}

/** A run may go on in any process, and there in any instance: two of them would have to be equal, which nobody checks. */
function manyInstances(providers: readonly Found[]): string[] {
  if (providers.length === 1) return [];
  const { target } = providers[0];
  const modules = providers.map(({ wrapper }) => wrapper.host?.name ?? 'a module').join(', ');
  return [
    `${target.name} is provided ${providers.length} times (in ${modules}), so there are several instances, and which one executes a run would be chance: provide it in one module, and import that module in the others.`,
  ];
}

function scopeProblem(wrapper: Wrapper, className: string): string[] {
  const fix = 'make it a singleton, and take what belongs to one run from the context';
  if (wrapper.scope === Scope.REQUEST) {
    return [`${className} is request-scoped, but runs are executed outside of requests: ${fix}.`];
  }
  if (wrapper.isTransient) {
    return [`${className} is transient, but the engine needs one instance that executes its runs: ${fix}.`];
  }
  if (wrapper.isDependencyTreeStatic()) return [];
  const culprit = requestScopedDependency(wrapper);
  return [
    `${className} depends on the request-scoped provider ${culprit}, but runs are executed outside of requests: inject something that is no part of a request.`,
  ];
}

/** The request-scoped provider that makes a whole tree request-scoped. */
function requestScopedDependency(wrapper: Wrapper, visited = new Set<Wrapper>()): string {
  visited.add(wrapper);
  const properties = wrapper.getPropertiesMetadata() ?? [];
  const dependencies = [...(wrapper.getCtorMetadata() ?? []), ...properties.map((property) => property.wrapper)];
  for (const dependency of dependencies) {
    if (dependency === undefined || visited.has(dependency)) continue;
    if (dependency.scope === Scope.REQUEST) return String(dependency.name);
    const deeper = dependency.isDependencyTreeStatic() ? undefined : requestScopedDependency(dependency, visited);
    if (deeper !== undefined) return deeper;
  }
  return String(wrapper.name);
}

function isPerContext(wrapper: Wrapper): boolean {
  return wrapper.isTransient || !wrapper.isDependencyTreeStatic();
}

function instanceOf(wrapper: Wrapper): object | undefined {
  const instance: unknown = wrapper.instance;
  return typeof instance === 'object' && instance !== null ? instance : undefined;
}

function constructorOf(instance: unknown): unknown {
  if (typeof instance !== 'object' || instance === null) return undefined;
  return (Object.getPrototypeOf(instance) as { constructor?: unknown } | null)?.constructor;
}

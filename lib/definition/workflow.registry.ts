import { WorkflowDefinitionError } from '../errors/workflow-definition.error.js';
import { WorkflowNotRegisteredError } from '../errors/workflow-not-registered.error.js';
import type { DurableWorkflow } from './durable-workflow.js';

/**
 * The workflows that this process can execute, by name and version.
 *
 * Guarantees: a registered workflow is frozen and is never replaced; `register` and `registerAll` register everything
 * they are given or nothing. Lives as long as the application; nothing is ever taken out.
 *
 * @example
 * ```ts
 * constructor(private readonly workflows: WorkflowRegistry) {}
 * onModuleInit() { this.workflows.register(durable('milestone').step('discover', discover)); }
 * ```
 */
export class WorkflowRegistry {
  private readonly byName = new Map<string, Map<number, DurableWorkflow>>();
  private readonly listeners: ((workflows: readonly DurableWorkflow[]) => void)[] = [];

  /** @throws WorkflowDefinitionError when its name and version are taken, or when it has no nodes. */
  register(workflow: DurableWorkflow): this {
    return this.registerAll([workflow]);
  }

  /** @throws WorkflowDefinitionError which lists all that cannot be registered. Nothing is registered then. */
  registerAll(workflows: readonly DurableWorkflow[]): this {
    const problems = workflows.flatMap((workflow, index) => this.problemsOf(workflow, workflows.slice(0, index)));
    if (problems.length > 0) throw new WorkflowDefinitionError(problems);
    for (const workflow of workflows) {
      const versions = this.byName.get(workflow.name) ?? new Map<number, DurableWorkflow>();
      this.byName.set(workflow.name, versions.set(workflow.version, workflow.freeze()));
    }
    for (const listener of this.listeners) listener(workflows);
    return this;
  }

  /**
   * The given version, or the highest one.
   *
   * @throws WorkflowNotRegisteredError
   */
  get(name: string, version?: number): DurableWorkflow {
    const found = this.find(name, version);
    if (found === undefined) throw new WorkflowNotRegisteredError(name, version, this.known());
    return found;
  }

  /** Like `get`, without the error. */
  find(name: string, version?: number): DurableWorkflow | undefined {
    return this.byName.get(name)?.get(version ?? Math.max(...this.versions(name)));
  }

  has(name: string, version?: number): boolean {
    return this.find(name, version) !== undefined;
  }

  /** In the order of registration. */
  names(): string[] {
    return [...this.byName.keys()];
  }

  /** The registered versions of a name, the lowest first; empty when the name is unknown. */
  versions(name: string): number[] {
    return [...(this.byName.get(name)?.keys() ?? [])].sort((a, b) => a - b);
  }

  all(): DurableWorkflow[] {
    return [...this.byName.values()].flatMap((versions) => [...versions.values()]);
  }

  /** @internal Told of what is registered from now on. */
  onRegistered(listener: (workflows: readonly DurableWorkflow[]) => void): void {
    this.listeners.push(listener);
  }

  private problemsOf(workflow: DurableWorkflow, earlier: readonly DurableWorkflow[]): string[] {
    const taken =
      this.byName.get(workflow.name)?.has(workflow.version) ||
      earlier.some(({ name, version }) => name === workflow.name && version === workflow.version);
    const problems: string[] = [];
    if (taken) {
      problems.push(
        `${workflow.describe()} is registered already: a run knows its workflow by name and version only, so give this one another name or version.`,
      );
    }
    if (workflow.steps.length === 0)
      problems.push(`${workflow.describe()} has no nodes: add at least one before it is registered.`);
    return problems;
  }

  private known(): string[] {
    return this.all().map(({ name, version }) => `${name}@${version}`);
  }
}

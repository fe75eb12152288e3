import { didYouMean } from '../common/did-you-mean.js';
import { checkIdentity } from '../definition/check-identity.js';
import type { WorkflowOutline } from '../definition/check-together.js';
import { compileNode } from '../definition/compile-node.js';
import { DurableWorkflow } from '../definition/durable-workflow.js';
import type { NodeSpec, UnitSpec } from '../definition/node-spec.interface.js';
import type { PlanNode } from '../definition/plan.js';
import { ProblemList } from '../definition/problem-list.js';
import type { WorkflowIdentity } from '../definition/workflow-identity.js';
import { showValue } from '../errors/show-value.js';
import { compileMember, type CompiledMember } from './member-compiler.js';
import type { WorkflowMember } from './workflow-metadata.accessor.js';

/** A workflow class and the instance that executes it. */
export interface WorkflowSource {
  readonly className: string;
  readonly identity: WorkflowIdentity;
  readonly members: readonly WorkflowMember[];
  readonly instance: object;
}

export interface CompiledClass {
  /** `undefined` when there are problems. */
  readonly workflow: DurableWorkflow | undefined;
  readonly problems: readonly string[];
  /** What other workflows are checked against, even when this one has problems. */
  readonly outline: WorkflowOutline;
}

type PartOf<T extends CompiledMember['type']> = Extract<CompiledMember, { type: T }>;

/** Compiles one class: its plan, or everything that is wrong with it. Pure: handlers are bound, nothing is called. */
export function compileClass({ className, identity, members, instance }: WorkflowSource): CompiledClass {
  const problems: string[] = [];
  const identityProblems = new ProblemList();
  checkIdentity(identity, `workflow ${className}`, identityProblems);
  const parts = members.map((member) => compileMember(className, instance, member, problems));
  const specs = arrange(className, parts, problems);
  problems.push(...duplicateNames(specs));
  const nodeProblems = new ProblemList();
  const nodes = specs.map((spec) => compileNode(spec, nodeProblems));
  if (members.length === 0) {
    problems.push(
      `${className} is a @Workflow without nodes: decorate at least one of its methods, e.g. with @Step().`,
    );
  }
  const all = [...[...identityProblems.found, ...nodeProblems.found].map(({ message }) => message), ...problems];
  return {
    workflow: all.length === 0 ? build(identity, specs) : undefined,
    problems: all,
    outline: outline(className, identity, specs, nodes),
  };
}

/** Puts the parts in the order of the plan: members of a group become one node, branches go to their route. */
function arrange(className: string, parts: readonly CompiledMember[], problems: string[]): readonly NodeSpec[] {
  const specs: NodeSpec[] = [];
  const routes = new Map<string, UnitSpec[]>();
  const groups = new Map<string, Group>();
  for (const part of parts) {
    if (part.type === 'node') specs.push(part.spec);
    if (part.type === 'route') {
      const branches = routes.get(part.unit.name) ?? [];
      specs.push({ type: 'route', ...part.unit, branches });
      routes.set(part.unit.name, branches);
    }
    if (part.type === 'parallel') joinGroup(part, specs, groups, problems);
  }
  for (const part of parts) {
    if (part.type !== 'branch') continue;
    const branches = routes.get(part.route);
    if (branches) branches.push(part.unit);
    else problems.push(missingRoute(className, part, [...routes.keys()]));
  }
  return specs;
}

interface Group {
  readonly spec: NodeSpec;
  readonly entries: UnitSpec[];
}

function joinGroup(
  { group, unit }: PartOf<'parallel'>,
  specs: NodeSpec[],
  groups: Map<string, Group>,
  problems: string[],
): void {
  const known = groups.get(group);
  if (known === undefined) {
    const entries = [unit];
    const where = `@Parallel(${showValue(group)}) of ${unit.where}`;
    const spec: NodeSpec = {
      type: 'parallel',
      name: group,
      where,
      named: `group name of ${unit.where}`,
      entries,
      options: {},
    };
    groups.set(group, { spec, entries });
    specs.push(spec);
    return;
  }
  known.entries.push(unit);
  if (known.spec !== specs.at(-1)) {
    problems.push(
      `${unit.where}: the group "${group}" began at ${known.entries[0].where}, and another node stands between: move the methods of a group together, or name another group.`,
    );
  }
}

function missingRoute(className: string, { route, unit }: PartOf<'branch'>, routes: readonly string[]): string {
  const meant = typeof route === 'string' ? didYouMean(route, routes) : undefined;
  const known = routes.length === 0 ? 'it has none' : `it has ${routes.join(', ')}`;
  const fix =
    meant === undefined ? `add a method with @Route(), or correct the name (${known}).` : `did you mean "${meant}"?`;
  return `${unit.where}: ${className} has no @Route ${showValue(route)} for this @Branch: ${fix}`;
}

function duplicateNames(specs: readonly NodeSpec[]): string[] {
  const byName = new Map<string, NodeSpec[]>();
  for (const spec of specs) byName.set(spec.name, [...(byName.get(spec.name) ?? []), spec]);
  return [...byName.values()].flatMap((same) => {
    if (same.length === 1) return [];
    const where = same.map((spec) => spec.where).join(' and ');
    return `${where} are both named "${same[0].name}": results are stored by name, so give each a name of its own.`;
  });
}

function build({ name, version, schema }: WorkflowIdentity, specs: readonly NodeSpec[]): DurableWorkflow {
  return specs.reduce((workflow, spec) => workflow.add(spec), new DurableWorkflow(name, { version, schema }));
}

function outline(
  label: string,
  { name, version }: WorkflowIdentity,
  specs: readonly NodeSpec[],
  nodes: readonly PlanNode[],
): WorkflowOutline {
  const children = nodes.flatMap((node, index) =>
    node.type === 'childWorkflow' && node.childName !== ''
      ? [{ where: specs[index].where, name: node.childName, version: node.childVersion }]
      : [],
  );
  return { label, name, version, children };
}

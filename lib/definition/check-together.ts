import type { DurableWorkflow } from './durable-workflow.js';

/** What one workflow looks like to the others. */
export interface WorkflowOutline {
  /** What messages call it: the class, or `workflow "order" version 2`. */
  readonly label: string;
  readonly name: string;
  readonly version: number;
  readonly children: readonly ChildOutline[];
}

interface ChildOutline {
  /** What messages call the node. */
  readonly where: string;
  readonly name: string;
  /** The highest version where undefined. */
  readonly version?: number;
}

/** The outline of a plan made by the builder. */
export function outlineOf(workflow: DurableWorkflow): WorkflowOutline {
  const label = workflow.describe();
  const children = workflow.steps.flatMap((node) =>
    node.type === 'childWorkflow'
      ? [{ where: `node "${node.name}" of ${label}`, name: node.childName, version: node.childVersion }]
      : [],
  );
  return { label, name: workflow.name, version: workflow.version, children };
}

/**
 * What is wrong with workflows that are each fine by themselves: two of one name and version, a child that does not
 * exist, a circle of children. Pure; each problem names who has it and what to do.
 */
export function checkTogether(outlines: readonly WorkflowOutline[]): string[] {
  return [...duplicates(outlines), ...missingChildren(outlines), ...circles(outlines)];
}

function duplicates(outlines: readonly WorkflowOutline[]): string[] {
  const byReference = new Map<string, WorkflowOutline[]>();
  for (const outline of outlines) {
    byReference.set(reference(outline), [...(byReference.get(reference(outline)) ?? []), outline]);
  }
  return [...byReference.values()].flatMap((same) => {
    if (same.length === 1) return [];
    const { name, version } = same[0];
    const labels = same.map(({ label }) => label).join(' and ');
    return `${labels} have the same name and version ("${name}" version ${version}): give each one of its own.`;
  });
}

function missingChildren(outlines: readonly WorkflowOutline[]): string[] {
  return outlines.flatMap(({ children }) =>
    children.flatMap((child) => {
      if (target(child, outlines) !== undefined) return [];
      const versions = outlines.filter(({ name }) => name === child.name).map(({ version }) => version);
      if (versions.length > 0) {
        const known = versions.sort((a, b) => a - b).join(', ');
        return `${child.where}: its child "${child.name}" has no version ${child.version} (it has ${known}): register that version, or choose another.`;
      }
      const fix = 'add its class to the providers of a module, or correct the name';
      return `${child.where}: its child "${child.name}" is not registered in this process: ${fix}.`;
    }),
  );
}

/** Walks depth first; an edge back to a workflow on the path closes a circle, which is reported once. */
function circles(outlines: readonly WorkflowOutline[]): string[] {
  const problems: string[] = [];
  const done = new Set<WorkflowOutline>();
  const path: { readonly outline: WorkflowOutline; readonly where: string }[] = [];
  const visit = (outline: WorkflowOutline): void => {
    for (const child of outline.children) {
      const next = target(child, outlines);
      if (next === undefined || done.has(next)) continue;
      const start = path.findIndex((at) => at.outline === next);
      path.push({ outline, where: child.where });
      if (next === outline || start >= 0) problems.push(circle(path.slice(start >= 0 ? start : -1)));
      else visit(next);
      path.pop();
    }
    done.add(outline);
  };
  for (const outline of outlines) if (!done.has(outline)) visit(outline);
  return problems;
}

function circle(path: readonly { readonly outline: WorkflowOutline; readonly where: string }[]): string {
  const names = [...path, path[0]].map(({ outline }) => reference(outline)).join(' → ');
  const nodes = path.map(({ where }) => where).join(', ');
  return `${nodes}: children start each other without end (${names}): remove one of them.`;
}

function target(child: ChildOutline, outlines: readonly WorkflowOutline[]): WorkflowOutline | undefined {
  const named = outlines.filter(({ name }) => name === child.name);
  if (child.version !== undefined) return named.find(({ version }) => version === child.version);
  return named.reduce<WorkflowOutline | undefined>(
    (highest, each) => (highest === undefined || each.version > highest.version ? each : highest),
    undefined,
  );
}

function reference({ name, version }: WorkflowOutline): string {
  return `${name}@${version}`;
}

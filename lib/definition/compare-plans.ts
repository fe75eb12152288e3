import { showValue } from '../errors/show-value.js';
import type { PlanDifference } from '../errors/plan-changed.error.js';
import type { BranchJson, PlanJson, PlanNodeJson, UnitJson } from './plan-json.js';
import type { RunFootprint } from './run-footprint.js';

/** How far a run is. */
export interface RunPosition {
  /** Index of the node that the run is in; the number of nodes once it is behind the last. */
  readonly cursor: number;
  /** False while no worker has ever taken the run: nothing ties it to its plan. */
  readonly begun: boolean;
  readonly footprint: RunFootprint;
}

/**
 * What keeps a run that was executed by the plan `former` from going on by the plan `present`, the first node first; empty
 * when nothing does.
 *
 * Every node that the run has passed, and the one that it is in, must stand where it stood, with its name and its kind:
 * the cursor is a place in the plan, and journal rows, idempotency keys and `ctx.results` go by name. What lies ahead may
 * change in any way. In detail, and in what else matters, this is the table of docs/deploys.md. A run in compensation is
 * taken like one that goes forward; it stands in the node that failed.
 *
 * Pure. Compared with itself, every plan carries every run.
 */
export function comparePlans(former: PlanJson, present: PlanJson, position: RunPosition): readonly PlanDifference[] {
  if (!position.begun) return [];
  const reached = Math.min(position.cursor + 1, former.nodes.length);
  const differences: PlanDifference[] = [];
  for (let index = 0; index < reached; index++) {
    if (present.nodes[index]?.name !== former.nodes[index].name) {
      // Everything behind it stands elsewhere for this reason alone, so it is not worth a line of its own.
      return [...differences, displaced(former.nodes, present.nodes, index)];
    }
    const inside = index === position.cursor;
    differences.push(...compareNode(former.nodes[index], present.nodes[index], index, inside, position.footprint));
  }
  return differences;
}

/**
 * What keeps a run from going on although node `was` became `now`, whatever their names and places.
 *
 * @param index the place of `was`.
 * @param inside the run is in the node, and has not passed it.
 */
export function compareNode(
  was: PlanNodeJson,
  now: PlanNodeJson,
  index: number,
  inside: boolean,
  footprint: RunFootprint,
): readonly PlanDifference[] {
  const difference = (change: PlanDifference['change'], text: string): PlanDifference => {
    return { change, node: was.name, index, text };
  };
  const place = `node ${index + 1}, ${showValue(was.name)},`;
  if (was.kind !== now.kind) return [difference('kind', `${place} was a ${was.kind} and is now a ${now.kind}`)];
  const differences = goneBranches(was, now, footprint).map((branch) => {
    return difference('branch', `${place} has no branch ${showValue(branch)} any more, which this run has taken`);
  });
  if (inside && was.kind === 'childWorkflow' && now.kind === 'childWorkflow' && was.child !== now.child) {
    const text = `${place} waits for a child ${showValue(was.child)} and would now start ${showValue(now.child)}`;
    if (footprint.isWaiting(was.name)) differences.push(difference('child', text));
  }
  for (const unit of goneCompensations(was, now, footprint)) {
    differences.push(
      difference('compensation', `${showValue(unit)} is done in this run, and what undoes it was removed`),
    );
  }
  return differences;
}

/** What is said of a run whose own plan is not stored, or in the format of a later release. */
export function unknownPlan(hash: string): PlanDifference {
  const text = `its own plan (${hash.slice(0, 12)}…) is not known here, so the two cannot be compared`;
  return { change: 'unknown', node: null, index: -1, text };
}

/** The differences as one sentence part, for messages; the first three say enough. */
export function describeDifferences(differences: readonly PlanDifference[]): string {
  const told = differences.slice(0, 3).map(({ text }) => text);
  const more = differences.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

function displaced(former: readonly PlanNodeJson[], present: readonly PlanNodeJson[], index: number): PlanDifference {
  const was = former[index];
  const now = present[index];
  const place = `node ${index + 1}`;
  const kept = present.some(({ name }) => name === was.name);
  const known = former.some(({ name }) => name === now?.name);
  const difference = (change: PlanDifference['change'], text: string): PlanDifference => {
    return { change, node: was.name, index, text };
  };
  if (now === undefined || (!kept && known)) return difference('removed', `${place}, ${show(was)}, was removed`);
  if (kept && !known) return difference('inserted', `${show(now)} was inserted before ${place}, ${show(was)}`);
  if (kept) return difference('moved', `${place} was ${show(was)} and is now ${show(now)}: their order changed`);
  return difference('renamed', `${place} was ${show(was)} and is now ${show(now)}`);
}

function show({ name, kind }: PlanNodeJson): string {
  return `${showValue(name)} (${kind})`;
}

function goneBranches(was: PlanNodeJson, now: PlanNodeJson, footprint: RunFootprint): string[] {
  const left = new Set(branchesOf(now).map(({ name }) => name));
  return branchesOf(was)
    .map(({ name }) => name)
    .filter((branch) => !left.has(branch) && footprint.hasBranch(`${was.name}.${branch}`));
}

/** Units that stand in this run and could be undone before, but not any more. */
function goneCompensations(was: PlanNodeJson, now: PlanNodeJson, footprint: RunFootprint): string[] {
  const present = unitsOf(now);
  return [...unitsOf(was)].flatMap(([suffix, unit]) => {
    const counterpart = present.get(suffix);
    const gone = unit.compensate && counterpart !== undefined && !counterpart.compensate;
    return gone && footprint.isStanding(was.name + suffix) ? [was.name + suffix.replace('#', '')] : [];
  });
}

/** The units of a node that can be undone, by what follows the node's name in their journal keys. */
function unitsOf(node: PlanNodeJson): ReadonlyMap<string, UnitJson> {
  switch (node.kind) {
    case 'step':
      return new Map([['', node]]);
    case 'loop':
    case 'forEach':
      return new Map([['#', node]]);
    default:
      return new Map(branchesOf(node).map((branch) => [`.${branch.name}`, branch]));
  }
}

function branchesOf(node: PlanNodeJson): readonly BranchJson[] {
  return node.kind === 'parallel' || node.kind === 'route' ? node.branches : [];
}

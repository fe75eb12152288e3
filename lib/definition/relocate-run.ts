import { showValue } from '../errors/show-value.js';
import { compareNode, type RunPosition } from './compare-plans.js';
import type { PlanJson, PlanNodeJson } from './plan-json.js';

/** Where a run is in another plan, or why it cannot be moved there. */
export interface Relocation {
  /** Index of the node to go on with. */
  readonly cursor: number;
  /** Former and present names of the reached nodes that have another one. */
  readonly renames: readonly (readonly [former: string, present: string])[];
  /** Why the run must not be moved, as sentence parts; empty when it may. */
  readonly reasons: readonly string[];
}

export interface RelocationRequest {
  readonly former: PlanJson;
  readonly target: PlanJson;
  readonly position: RunPosition;
  readonly compensating: boolean;
  /** Present names of nodes by their former ones; a node that is not in it keeps its name. */
  readonly map: Readonly<Record<string, string>>;
}

/** Kinds whose work carries an idempotency key. */
const EXECUTED: ReadonlySet<PlanNodeJson['kind']> = new Set(['step', 'parallel', 'route', 'loop', 'forEach']);

/**
 * Finds the place of a run in another plan, node by node, by name.
 *
 * The nodes before that place must be the ones that the run has passed, no more and no fewer, in whatever order: one more
 * would never be executed, one that stands behind it would be executed again. Each must carry what is journaled of it, as
 * `comparePlans` says. A node that may be at work, or an undo that is owed, keeps its name: its idempotency key hangs on it,
 * and the world knows the former one. Pure.
 */
export function relocateRun(request: RelocationRequest): Relocation {
  const { former, target, position, map } = request;
  if (!position.begun) return { cursor: 0, renames: [], reasons: [] };
  const reached = former.nodes.slice(0, position.cursor + 1);
  const nameOf = ({ name }: PlanNodeJson): string => (Object.hasOwn(map, name) ? map[name] : name);
  const placeOf = new Map(target.nodes.map(({ name }, index) => [name, index]));
  const inside = former.nodes[position.cursor];
  const cursor = inside ? (placeOf.get(nameOf(inside)) ?? -1) : reached.length;
  const renames = reached.flatMap((node) => (nameOf(node) === node.name ? [] : [[node.name, nameOf(node)] as const]));
  const reasons = [
    ...twins(reached.map(nameOf)),
    ...reached.flatMap((node, index) => {
      const place = placeOf.get(nameOf(node));
      if (place === undefined) return [missing(node, nameOf(node), node === inside, target)];
      return [
        ...compareNode(node, target.nodes[place], index, node === inside, position.footprint).map(({ text }) => text),
        ...(node !== inside && cursor >= 0 && place >= cursor
          ? [`${again(node, nameOf(node))} ${versioned(target)}`]
          : []),
        ...(nameOf(node) === node.name ? [] : keyChanges(node, node === inside, request)),
      ];
    }),
    ...skipped(target, cursor, new Set(reached.map(nameOf))),
  ];
  return { cursor, renames, reasons };
}

function twins(names: readonly string[]): string[] {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [...new Set(twice)].map((name) => `two nodes of this run would be called ${showValue(name)}`);
}

function missing({ name }: PlanNodeJson, present: string, inside: boolean, target: PlanJson): string {
  const called = present === name ? '' : ` as ${showValue(present)}`;
  return `${showValue(name)}, which this run ${inside ? 'is in' : 'has passed'}, is not in ${versioned(target)}${called}`;
}

function again({ name }: PlanNodeJson, present: string): string {
  const called = present === name ? '' : ` as ${showValue(present)}`;
  return `${showValue(name)}, which this run has passed, would be executed again${called}: it stands behind the place of the run in`;
}

function skipped(target: PlanJson, cursor: number, known: ReadonlySet<string>): string[] {
  return target.nodes
    .slice(0, Math.max(0, cursor))
    .filter(({ name }) => !known.has(name))
    .map(
      ({ name }) =>
        `${showValue(name)} of ${versioned(target)} would never be executed: it stands before the place of the run`,
    );
}

function keyChanges(node: PlanNodeJson, inside: boolean, { compensating, position }: RelocationRequest): string[] {
  const name = showValue(node.name);
  if (inside && EXECUTED.has(node.kind)) {
    return [
      `${name} may be at work under an idempotency key that its new name would change: let it finish by the former plan`,
    ];
  }
  const suffixes = ['', '#', ...('branches' in node ? node.branches.map((branch) => `.${branch.name}`) : [])];
  const owed = compensating && suffixes.some((suffix) => position.footprint.isStanding(node.name + suffix));
  return owed ? [`${name} may be being undone under an idempotency key that its new name would change`] : [];
}

function versioned({ version }: PlanJson): string {
  return `version ${version}`;
}

import { parseKey } from './journal-key.js';
import type { ResultEntry } from './run-results.js';

/**
 * What a run has journaled, as far as a change of its plan can touch it. A unit is named as in the journal, all iterations
 * or items of a node together as `node#`.
 */
export interface RunFootprint {
  /** The unit is done and not undone: `node`, `node.branch`, `node#`. */
  isStanding(unit: string): boolean;
  /** The branch is done, or a route has decided for it: `node.branch`. */
  hasBranch(branch: string): boolean;
  /** The node has begun to wait: for a time, a signal, a child or `resume`. */
  isWaiting(node: string): boolean;
}

/** A footprint that says the same of everything: the most and the least that any run can have journaled. */
export function uniformFootprint(answer: boolean): RunFootprint {
  return { isStanding: () => answer, hasBranch: () => answer, isWaiting: () => answer };
}

/**
 * A footprint as a set of texts, which a store can gather and group without reading payloads:
 * `done:` and `undone:` before a unit, `decided:` before a branch, `wait:` before a node.
 */
export function footprintOfMarks(marks: Iterable<string>): RunFootprint {
  const known = new Set(marks);
  return {
    isStanding: (unit) => known.has(`done:${unit}`),
    hasBranch: (branch) => ['done', 'undone', 'decided'].some((mark) => known.has(`${mark}:${branch}`)),
    isWaiting: (node) => known.has(`wait:${node}`),
  };
}

/** The footprint of a journal. */
export function footprintOfJournal(entries: Iterable<ResultEntry>): RunFootprint {
  const all = [...entries];
  const undone = new Set(all.filter(({ kind }) => kind === 'undo').map(({ key }) => key.slice('undo:'.length)));
  return footprintOfMarks(all.flatMap((entry) => markOf(entry, undone)));
}

function markOf({ key, kind, result }: ResultEntry, undone: ReadonlySet<string>): string[] {
  const { node, index } = parseKey(key);
  switch (kind) {
    case 'decision':
      return [`decided:${key}.${JSON.parse(result) as string}`];
    case 'suspension':
      return [`wait:${node}`];
    case 'step':
    case 'branch':
    case 'iteration':
    case 'item':
      return [`${undone.has(key) ? 'undone' : 'done'}:${index === null ? key : `${node}#`}`];
    default:
      return [];
  }
}

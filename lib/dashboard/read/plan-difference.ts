import { comparePlans } from '../../definition/compare-plans.js';
import type { PlanJson, PlanNodeJson, WaitJson } from '../../definition/plan-json.js';
import { uniformFootprint } from '../../definition/run-footprint.js';
import { waitText } from '../../definition/wait-text.js';
import type { DifferenceAnswer } from '../api/dashboard-api.contract.js';

type Row = DifferenceAnswer['rows'][number];

/** Two plans side by side, and what would keep runs of the one from going on by the other. Pure. */
export function differenceOf(from: PlanJson, to: PlanJson): DifferenceAnswer {
  // A run that is behind the last node and has journaled everything: whatever can stand in a run's way stands in its.
  const furthest = { cursor: from.nodes.length, begun: true, footprint: uniformFootprint(true) };
  return { from, to, rows: rowsOf(from.nodes, to.nodes), differences: comparePlans(from, to, furthest) };
}

/** Nodes in an order that keeps that of both plans, as far as they agree. */
function rowsOf(from: readonly PlanNodeJson[], to: readonly PlanNodeJson[]): Row[] {
  const kept = commonOrder(from, to);
  const rows: Row[] = [];
  let former = 0;
  let present = 0;
  for (const [formerEnd, presentEnd] of [...kept, [from.length, to.length]]) {
    for (; former < formerEnd; former++) {
      const moved = to.some(({ name }) => name === from[former].name);
      // A node that moved stands where it is now.
      if (!moved) rows.push({ change: 'removed', from: former, to: null, details: [] });
    }
    for (; present < presentEnd; present++) {
      const was = from.findIndex(({ name }) => name === to[present].name);
      if (was < 0) rows.push({ change: 'added', from: null, to: present, details: [] });
      else rows.push({ change: 'moved', from: was, to: present, details: changes(from[was], to[present]) });
    }
    if (former === from.length) break;
    const details = changes(from[former], to[present]);
    rows.push({ change: details.length === 0 ? 'same' : 'changed', from: former, to: present, details });
    former++;
    present++;
  }
  return rows;
}

/** The longest common subsequence of two lists of names, as pairs of indexes. Plans have tens of nodes. */
function commonOrder(from: readonly PlanNodeJson[], to: readonly PlanNodeJson[]): [number, number][] {
  const lengths = Array.from({ length: from.length + 1 }, () => new Array<number>(to.length + 1).fill(0));
  for (let i = from.length - 1; i >= 0; i--) {
    for (let j = to.length - 1; j >= 0; j--) {
      const same = from[i].name === to[j].name;
      lengths[i][j] = same ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < from.length && j < to.length;) {
    if (from[i].name === to[j].name) pairs.push([i++, j++]);
    else if (lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    else j++;
  }
  return pairs;
}

function changes(was: object, now: object, path = ''): string[] {
  const before = was as Readonly<Record<string, unknown>>;
  const after = now as Readonly<Record<string, unknown>>;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => {
    const name = path + key;
    if (key === 'branches') return branchChanges(before[key], after[key]);
    const [old, young] = [show(before[key]), show(after[key])];
    return old === young ? [] : [`${name}: ${old} → ${young}`];
  });
}

interface Named {
  readonly name: string;
}

function branchChanges(was: unknown, now: unknown): string[] {
  const former = (was ?? []) as readonly Named[];
  const present = (now ?? []) as readonly Named[];
  const names = [...new Set([...former, ...present].map(({ name }) => name))];
  return names.flatMap((name) => {
    const old = former.find((branch) => branch.name === name);
    const young = present.find((branch) => branch.name === name);
    if (!old) return [`branch ${name} was added`];
    if (!young) return [`branch ${name} was removed`];
    return changes(old, young, `${name}.`);
  });
}

function show(value: unknown): string {
  if (value === undefined) return 'none';
  return isWait(value) ? waitText(value) : JSON.stringify(value);
}

/** The lengths of sleeps and waits are the only objects in a node, besides its branches. */
function isWait(value: unknown): value is WaitJson {
  return typeof value === 'object' && value !== null && ('ms' in value || 'until' in value || 'computed' in value);
}

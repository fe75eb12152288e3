/** What a journal row stands for. */
export type JournalKind =
  | 'step'
  | 'branch'
  | 'decision'
  | 'iteration'
  | 'item'
  | 'sleep'
  | 'signal'
  | 'child'
  | 'suspension'
  | 'items'
  | 'composite'
  /** The result was given by hand; nothing was executed, so nothing is undone. */
  | 'skipped'
  | 'undo';

/**
 * Journal keys name the units of a run: `node`, `node.branch`, `node#iteration`, `undo:key`. Names of nodes and branches
 * never contain `.`, `#` or `:`, which the validator sees to, so a key has one reading.
 */
export function branchKey(node: string, branch: string): string {
  return `${node}.${branch}`;
}

export function iterationKey(node: string, index: number): string {
  return `${node}#${index}`;
}

export function undoKey(key: string): string {
  return `undo:${key}`;
}

/** The row that says since when, for what or until when a node waits. */
export function waitKey(node: string): string {
  return `wait:${node}`;
}

/** The name under which `resume` stores its data for a suspended step. */
export function resumeSignal(node: string): string {
  return `resume:${node}`;
}

export function isResumeSignal(name: string): boolean {
  return name.startsWith('resume:');
}

/** The row that fixes the items of a forEach before the first of them is begun. */
export function itemsKey(node: string): string {
  return `items:${node}`;
}

/** What a row says of its unit: that it is done or undone, what it waits for, or which items it has. */
export type KeyPhase = 'do' | 'undo' | 'wait' | 'items';

export interface ParsedKey {
  readonly node: string;
  readonly branch: string | null;
  readonly index: number | null;
  readonly phase: KeyPhase;
}

export function parseKey(key: string): ParsedKey {
  const colon = key.indexOf(':');
  const phase = colon < 0 ? 'do' : (key.slice(0, colon) as KeyPhase);
  const unit = key.slice(colon + 1);
  const hash = unit.indexOf('#');
  if (hash >= 0) return { node: unit.slice(0, hash), branch: null, index: Number(unit.slice(hash + 1)), phase };
  const dot = unit.indexOf('.');
  if (dot >= 0) return { node: unit.slice(0, dot), branch: unit.slice(dot + 1), index: null, phase };
  return { node: unit, branch: null, index: null, phase };
}

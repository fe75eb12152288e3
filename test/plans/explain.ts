import { escapeLiteral } from 'pg';
import type { SqlStatement } from '../../lib/storage/postgres/sql/sql-statement.js';

/** Sends one statement to one connection. */
export type Send = (text: string) => Promise<{ readonly rows: readonly unknown[] }>;

/** One table that a plan reads. */
export interface Scan {
  readonly table: string;
  /** The part of the table; the table's name where it has none. */
  readonly part: string;
  readonly node: string;
  /** `null` when the table is read from end to end. */
  readonly index: string | null;
  /** What bounds the part of the index that is read; empty when all of it is. */
  readonly condition: string;
}

export interface Explained {
  /** Scans that the statement began; a branch that was never reached costs nothing. */
  readonly scans: readonly Scan[];
  /** Pages of 8 KiB that it touched, found in memory or not. */
  readonly buffers: number;
  /** Rows that it returned. */
  readonly rows: number;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly 'TID Cond'?: string;
  readonly 'Actual Loops'?: number;
  readonly 'Actual Rows'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

export interface ExplainOptions {
  /**
   * `generic` is where prepared statements end, one plan for all parameters; `custom` is what their first executions and
   * unnamed statements use.
   */
  readonly plan: 'generic' | 'custom';
  /** Makes the plan only: for one that was never reached, all scans count. @default true */
  readonly execute?: boolean;
}

let prepared = 0;

/** A statement, or one that has to name the transaction that it is part of. */
export type Explainable = SqlStatement | ((began: string) => SqlStatement);

/** The pages that a plan may touch on this server: PostgreSQL 13 touches up to a third more by the same plans. */
export async function pagesAllowed(send: Send, pages: number): Promise<number> {
  const { rows } = await send(`select current_setting('server_version_num')::int >= 140000 as recent`);
  return (rows[0] as { recent: boolean }).recent ? pages : (pages * 4) / 3;
}

/** Plans a statement, and carries it out in a transaction that is rolled back. */
export async function explain(send: Send, explainable: Explainable, options: ExplainOptions): Promise<Explained> {
  const { plan, execute = true } = options;
  const name = `explained_${++prepared}`;
  const how = execute ? 'analyze, buffers, timing off, summary off, format json' : 'format json';
  await send('begin');
  try {
    const { rows: times } = await send('select now()::text as began');
    const { began } = times[0] as { began: string };
    const statement = typeof explainable === 'function' ? explainable(began) : explainable;
    const parameters = statement.values.map(literal).join(', ');
    await send(`set local plan_cache_mode = force_${plan}_plan`);
    await send(`prepare ${name} as ${statement.text}`);
    const { rows } = await send(`explain (${how}) execute ${name}${parameters && `(${parameters})`}`);
    const { 'QUERY PLAN': answer } = rows[0] as { 'QUERY PLAN': unknown };
    // Connections of the engine leave JSON as the text that it is.
    const [{ Plan: root }] = (typeof answer === 'string' ? JSON.parse(answer) : answer) as [{ Plan: PlanNode }];
    return summary(root, execute);
  } finally {
    await send('rollback');
    await send(`deallocate ${name}`);
  }
}

function summary(root: PlanNode, executed: boolean): Explained {
  const nodes = flatten(root);
  const reached = executed ? nodes.filter((node) => node['Actual Loops']! > 0) : nodes;
  // What a data-modifying CTE does after the last row of the statement stands at no node above it.
  const writes = nodes.filter((node) => node !== root && node['Node Type'] === 'ModifyTable');
  return {
    scans: reached.flatMap((node) => toScan(node)),
    buffers: [root, ...writes].reduce((sum, node) => sum + buffersOf(node), 0),
    rows: root['Actual Rows'] ?? 0,
  };
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

function buffersOf(node: PlanNode): number {
  return (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0);
}

function toScan(node: PlanNode): Scan[] {
  const table = node['Relation Name'];
  if (!table || !node['Node Type'].endsWith('Scan')) return [];
  const bitmap = flatten(node).find((part) => part['Node Type'] === 'Bitmap Index Scan');
  const index = node['Index Name'] ?? bitmap?.['Index Name'];
  return [
    {
      table: wholeOf(table),
      part: table,
      node: node['Node Type'],
      index: index === undefined ? null : wholeOf(index),
      condition: node['Index Cond'] ?? bitmap?.['Index Cond'] ?? '',
    },
  ];
}

/** A part of the journal, or the index of one, by the name of the whole. */
function wholeOf(relation: string): string {
  return relation.replace(/^journal_\d+/, 'journal');
}

/** A parameter as SQL text: EXPLAIN takes no bound ones for a prepared statement. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return escapeLiteral(`{${value.map(element).join(',')}}`);
  return escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
}

function element(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return `"${String(value).replace(/["\\]/g, '\\$&')}"`;
}

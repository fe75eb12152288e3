import type { RunFilter } from '../../contract/run-admin.contract.js';
import { RUN_COLUMNS } from './run-columns.sql.js';
import { runsFrom } from './run-progress.sql.js';
import type { SqlStatement } from './sql-statement.js';

/** A page of runs without payloads stays far below a megabyte, whatever a caller asks for. */
const LONGEST_PAGE = 1_000;

/** What people search in an error; its stack names files, which they do not. */
export const ERROR_TEXT = `concat_ws(' ', r.error ->> 'name', r.error ->> 'code', r.error ->> 'message')`;

export function containsSql(text: string, parameter: string): string {
  return `strpos(lower(${text}), lower(${parameter}::text)) > 0`;
}

/** One condition of a filter, and the cast of its parameter. */
const CONDITIONS: readonly { readonly of: keyof RunFilter; readonly sql: (parameter: string) => string }[] = [
  { of: 'status', sql: (p) => `r.status = any (${p}::text[])` },
  { of: 'workflow', sql: (p) => `r.workflow = ${p}::text` },
  { of: 'version', sql: (p) => `r.version = ${p}::int` },
  { of: 'parentId', sql: (p) => `r.parent_id = ${p}::uuid` },
  { of: 'idempotencyKey', sql: (p) => `r.idempotency_key = ${p}::text` },
  // What the partial index leaves out is said here once more: the planner does not conclude it.
  { of: 'tags', sql: (p) => `r.tags @> ${p}::text[] and r.tags <> '{}'` },
  { of: 'error', sql: (p) => `r.status <> 'completed' and ${containsSql(ERROR_TEXT, p)}` },
  { of: 'createdAfter', sql: (p) => `r.created_at > ${p}::timestamptz` },
  { of: 'createdBefore', sql: (p) => `r.created_at < ${p}::timestamptz` },
  { of: 'before', sql: (p) => `r.id < ${p}::uuid` },
];

/**
 * Reads a page of runs, the newest first.
 *
 * - Parameters: those of the filter that are set, then the limit. Not named: its text follows from the filter, and a plan
 *   made for the values at hand finds their index. Result: {@link RUN_COLUMNS}.
 * - Locks: none. Index: the primary key backwards, `run_unfinished`, `run_idempotency`,
 *   `run_tagged` or `run_parent`.
 */
export function listRuns(schema: string, filter: RunFilter): SqlStatement {
  const used = CONDITIONS.filter((condition) => filter[condition.of] !== undefined);
  const conditions = used.map((condition, index) => condition.sql(`$${index + 1}`));
  const page = `(select r.* from ${schema}.run r where ${['true', ...conditions].join(' and ')}
         order by r.id desc limit $${used.length + 1}::int)`;
  return {
    text: `
select ${RUN_COLUMNS}
  from ${runsFrom(schema, page)}
 order by r.id desc`,
    values: [...used.map((condition) => filter[condition.of]), Math.min(filter.limit, LONGEST_PAGE)],
  };
}

/**
 * Reads the children of a run, in the order in which they were started.
 *
 * - Parameters: the parent's id. Result: {@link RUN_COLUMNS}. Locks: none. Index: `run_parent`.
 */
export function listChildren(schema: string, parentId: string): SqlStatement {
  return {
    name: 'list-children',
    text: `select ${RUN_COLUMNS} from ${runsFrom(schema)} where r.parent_id = $1 order by r.id`,
    values: [parentId],
  };
}

import { RUN_STATUSES, type RunStatus } from '../../../../definition/run-state.js';
import type { RunSearch } from '../../../contract/dashboard-store.contract.js';
import { ERROR_TEXT, containsSql } from '../list-runs.sql.js';
import { RUN_COLUMNS } from '../run-columns.sql.js';
import { runsFrom } from '../run-progress.sql.js';
import type { SqlStatement } from '../sql-statement.js';

/** Statuses that `run_unfinished` holds. */
const UNFINISHED: readonly RunStatus[] = RUN_STATUSES.filter((status) => status !== 'completed');

/** Conditions of a search, and their values. */
class Conditions {
  readonly values: unknown[] = [];
  private readonly texts: string[] = [];

  constructor(
    private readonly schema: string,
    search: RunSearch,
  ) {
    const { workflow, version, createdFrom, createdBefore, idempotencyKey, tags, error, ids, parentId } = search;
    if (ids) this.add((p) => `r.id = any (${p}::uuid[])`, ids);
    if (workflow !== undefined) this.add((p) => `r.workflow = ${p}::text`, workflow);
    if (version !== undefined) this.add((p) => `r.version = ${p}::int`, version);
    if (idempotencyKey !== undefined) this.addKey(idempotencyKey, workflow);
    if (tags && tags.length > 0) this.add((p) => `r.tags @> ${p}::text[] and r.tags <> '{}'`, tags);
    if (error !== undefined) this.add((p) => `r.status <> 'completed' and ${containsSql(ERROR_TEXT, p)}`, error);
    if (parentId !== undefined) this.add((p) => `r.parent_id = ${p}::uuid`, parentId);
    if (createdFrom) this.add((p) => `r.created_at >= ${p}::timestamptz`, createdFrom);
    if (createdBefore) this.add((p) => `r.created_at < ${p}::timestamptz`, createdBefore);
    if (search.before) this.add((p) => `r.id < ${p}::uuid`, search.before);
    if (search.upTo) this.add((p) => `r.id <= ${p}::uuid`, search.upTo);
    if (search.after) this.add((p) => `r.id > ${p}::uuid`, search.after);
  }

  add(sql: (parameter: string) => string, value: unknown): void {
    this.texts.push(sql(this.value(value)));
  }

  /** The parameter that stands for a value. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  toString(): string {
    return ['true', ...this.texts].join(' and ');
  }

  /** `run_idempotency` begins with the workflow: without one, every one that was ever registered is looked up. */
  private addKey(key: string, workflow: string | undefined): void {
    this.add((p) => `r.idempotency_key = ${p}::text`, key);
    if (workflow !== undefined) return;
    this.texts.push(`r.workflow = any (array(select distinct d.name from ${this.schema}.definition d))`);
  }
}

/**
 * Reads a page of the runs that match, the newest first.
 *
 * Where `completed` is not wanted, each status is read by itself from the newest on, so that few failures among many
 * completed runs are found at once.
 *
 * - Parameters: those of the search. Not named: the text follows from it. Result: {@link RUN_COLUMNS}. Locks: none.
 * - Index: `run_unfinished`, the primary key backwards, `run_idempotency`, `run_tagged`, `run_created`
 *   or `run_parent`.
 */
export function searchRuns(schema: string, search: RunSearch, limit: number): SqlStatement {
  const where = new Conditions(schema, search);
  const { status } = search;
  const most = where.value(limit);
  const page = (rows: string): string => `
select ${RUN_COLUMNS}
  from ${runsFrom(schema, `(${rows} order by r.id desc limit ${most}::int)`)}
 order by r.id desc`;
  const byStatus = status && !status.includes('completed') && !isNarrow(search);
  if (!byStatus) {
    if (status) where.add((p) => `r.status = any (${p}::text[])`, status);
    return { text: page(`select r.* from ${schema}.run r where ${where}`), values: where.values };
  }
  const statuses = where.value(status);
  const newest = `
    select r.* from unnest(${statuses}::text[]) as s (status)
     cross join lateral (
       select r.* from ${schema}.run r
        where r.status = s.status and r.status <> 'completed' and ${where}
        order by r.id desc limit ${most}::int) r`;
  return { text: page(newest), values: where.values };
}

/** Finds few runs by itself, whatever their status. */
function isNarrow({ ids, idempotencyKey, parentId, tags }: RunSearch): boolean {
  return ids !== undefined || idempotencyKey !== undefined || parentId !== undefined || (tags?.length ?? 0) > 0;
}

/**
 * Counts the runs that match by status, and stops counting at a number of each.
 *
 * - Parameters: those of the search, the number. Result: `status`, `count`; those with none are left out. Locks: none.
 * - Index: `run_unfinished` for each status but `completed`, which is counted along the primary key; or as {@link searchRuns}.
 */
export function countRuns(schema: string, search: RunSearch, limit: number): SqlStatement {
  const where = new Conditions(schema, search);
  const most = where.value(limit);
  const wanted = search.status ?? RUN_STATUSES;
  if (isNarrow(search)) {
    const statuses = where.value(wanted);
    const text = `
select r.status, count(*)::int as count
  from (select r.status from ${schema}.run r where ${where} and r.status = any (${statuses}::text[])
         limit ${most}::int) r
 group by r.status`;
    return { text, values: where.values };
  }
  const arms: string[] = [];
  const unfinished = wanted.filter((status) => UNFINISHED.includes(status));
  if (unfinished.length > 0) {
    arms.push(`
select s.status, c.count
  from unnest(${where.value(unfinished)}::text[]) as s (status)
 cross join lateral (
   select count(*)::int as count
     from (select from ${schema}.run r where r.status = s.status and r.status <> 'completed' and ${where}
            limit ${most}::int) r) c
 where c.count > 0`);
  }
  // An error's text is that of a run which did not complete.
  if (wanted.includes('completed') && search.error === undefined) {
    arms.push(`
select 'completed', c.count
  from (select count(*)::int as count
          from (select from ${schema}.run r where r.status = 'completed' and ${where} limit ${most}::int) r) c
 where c.count > 0`);
  }
  if (arms.length === 0) return { text: `select null as status, 0 as count where false`, values: [] };
  return { text: arms.join('\n union all'), values: where.values };
}

import type { NewRun } from '../../contract/records.js';
import { plainArray, separatedArray, separatedTexts, textArray } from '../array-text.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/**
 * Creates runs, many in one statement; a run whose id or idempotency key exists is passed over, unless all are taken for new.
 *
 * A run that its starter would begin at once is inserted unclaimed, and due, while its workflow is paused.
 *
 * - Parameters: the clock, then {@link newRunColumns}, how many runs there are, and how many of them have a worker.
 * - Result: `id` and `status` of every run that was created; of several, one row of nulls when all were, and those with a
 *   worker are running and the others pending: ten thousand rows take as long to read as the runs to plan.
 * - Locks: none but on the new rows. Rows are inserted in the order of their keys, so that two batches that share keys
 *   wait for each other in one direction only.
 * - Index: `run_idempotency` and the primary key, as arbiters.
 *
 * @param fresh none of them can exist: without an idempotency key, and for the first time. It fails with a violation of the
 *   primary key when that is not so, and costs the server less: nothing is looked up, or inserted on trial, before.
 */
export function insertRuns(schema: string, runs: readonly NewRun[], now: Date | null, fresh = false): SqlStatement {
  const one = runs.length === 1;
  const name = `insert-run${one ? '' : 's'}${fresh ? '' : '-if-new'}`;
  const build = one ? insertOneRun : insertManyRuns;
  const statement = { name, text: textOnce(schema, name, () => build(schema, fresh)) };
  // One run needs no arrays, and takes the server a fifth less time without.
  if (one) return { ...statement, values: [now, ...COLUMNS.map(([, , valueOf]) => valueOf(runs[0]))] };
  const held = runs.reduce((count, { worker }) => (worker === null ? count : count + 1), 0);
  return { ...statement, values: [now, ...newRunColumns(runs), runs.length, held] };
}

type Value = string | number | null;

/** What a new run is made of, with the types that its parameters are cast to. */
const COLUMNS: readonly (readonly [name: string, type: string, valueOf: (run: NewRun) => Value])[] = [
  ['id', 'uuid', (run) => run.id],
  ['workflow', 'text', (run) => run.workflow],
  ['version', 'int', (run) => run.version],
  ['plan_hash', 'text', (run) => run.planHash],
  ['queue', 'text', (run) => run.queue],
  ['priority', 'smallint', (run) => run.priority],
  ['idempotency_key', 'text', (run) => run.idempotencyKey],
  ['input', 'text', (run) => run.input],
  ['worker_id', 'uuid', (run) => run.worker],
  ['due_delay', 'float8', ({ due }) => (due && 'delayMs' in due ? due.delayMs : null)],
  ['due_at', 'timestamptz', ({ due }) => (due && 'at' in due ? due.at.toISOString() : null)],
  ['timeout', 'float8', (run) => run.timeoutMs],
  ['parent_id', 'uuid', (run) => run.parentId],
  ['parent_key', 'text', (run) => run.parentKey],
  ['parent_close', 'text', (run) => run.parentClose],
  // One text a run: arrays of arrays of different lengths are none in PostgreSQL.
  ['tags', 'text', ({ tags }) => tags && textArray(tags)],
  ['trace', 'text', (run) => run.trace],
];

/** Number of arrays that {@link newRunColumns} returns. */
export const NEW_RUN_COLUMNS = COLUMNS.length;

/** Of these the values may need quotes. */
const QUOTED: ReadonlySet<string> = new Set([
  'workflow',
  'plan_hash',
  'queue',
  'idempotency_key',
  'parent_key',
  'tags',
  'trace',
]);

/** Sent as one text that the server takes apart: JSON is full of quotes, each of which would need a backslash in an array. */
const SEPARATED = 'input';

/** Mostly the same for all runs of a batch: then their array has one element, which stands for every row. */
const SHARED: ReadonlySet<string> = new Set(['workflow', 'version', 'plan_hash', 'queue', 'priority', 'worker_id']);

/**
 * One array a column of new runs, in the order that {@link insertNewRuns} reads them, and a text of all inputs. Arrays may be
 * shorter than the first one: `unnest` fills up with nulls.
 */
export function newRunColumns(runs: readonly NewRun[]): string[] {
  return COLUMNS.map(([name, , valueOf]) => {
    if (name === SEPARATED) return separatedTexts(runs.map(({ input }) => input));
    const values = valuesOf(name, valueOf, runs);
    return QUOTED.has(name) ? textArray(values as (string | null)[]) : plainArray(values);
  });
}

/** One a run; none when all are null, and one for all where they share it. */
function valuesOf(name: string, valueOf: (run: NewRun) => Value, runs: readonly NewRun[]): readonly Value[] {
  if (runs.length === 0) return [];
  const first = valueOf(runs[0]);
  const isShared = (first === null || SHARED.has(name)) && runs.every((run) => valueOf(run) === first);
  if (!isShared) return runs.map(valueOf);
  return first === null ? [] : [first];
}

/**
 * The text that inserts new runs from arrays, and passes over those that exist.
 *
 * @param first number of the first array parameter.
 * @param join further sources, which the rows `i` are joined with.
 */
export function insertNewRuns(schema: string, first: number, join = ''): string {
  return `${insertFromArrays(schema, first, join)}
 order by i.workflow, i.idempotency_key, i.id
    on conflict do nothing`;
}

function insertFromArrays(schema: string, first: number, join = ''): string {
  const names = COLUMNS.map(([name]) => name);
  const arrays = COLUMNS.map(([name, type], offset) => {
    const parameter = `$${first + offset}::${type}`;
    return name === SEPARATED ? separatedArray(parameter) : `${parameter}[]`;
  });
  const values = names.map((name, offset) => {
    const array = arrays[offset];
    return SHARED.has(name)
      ? `coalesce(u.${name}, case when cardinality(${array}) = 1 then (${array})[1] end) as ${name}`
      : `u.${name}`;
  });
  const source = `(select ${values.join(', ')}
          from unnest(${arrays.join(', ')}) as u (${names.join(', ')})) as i${join}`;
  return insertFrom(schema, source);
}

function insertOneRun(schema: string, fresh: boolean): string {
  const values = COLUMNS.map(([name, type], offset) => `$${2 + offset}::${type} as ${name}`);
  return `${insertFrom(schema, `(select ${values.join(', ')}) as i`)}${fresh ? '' : '\n    on conflict do nothing'}
returning id, status`;
}

function insertManyRuns(schema: string, fresh: boolean): string {
  const [runs, held] = [2 + NEW_RUN_COLUMNS, 3 + NEW_RUN_COLUMNS];
  return `
with created as (${fresh ? insertFromArrays(schema, 2) : insertNewRuns(schema, 2)}
returning id, status
),
counted as (
  select count(*) = $${runs}::int and count(*) filter (where status = 'running') = $${held}::int as as_wanted from created
)
select null::uuid as id, null::text as status from counted where as_wanted
 union all
select created.id, created.status from created cross join counted where not as_wanted`;
}

/** `offset 0` keeps the look for a pause from being copied to each of the six places that its answer is used in. */
function insertFrom(schema: string, source: string): string {
  return `
insert into ${schema}.run
  (id, workflow, version, plan_hash, status, queue, priority, idempotency_key, input, epoch, deliveries, worker_id,
   due_at, deadline_at, parent_id, parent_key, parent_close, tags, trace, created_at, started_at, updated_at)
select i.id, i.workflow, i.version, i.plan_hash,
       case when w.id is null then 'pending' else 'running' end,
       i.queue, i.priority, i.idempotency_key, i.input::json,
       case when w.id is null then 0 else 1 end,
       case when w.id is null then 0 else 1 end,
       w.id,
       case when w.id is null then b.at end,
       b.at + i.timeout * interval '1 millisecond',
       i.parent_id, i.parent_key, i.parent_close, coalesce(i.tags::text[], '{}'), i.trace,
       c.now, case when w.id is not null then c.now end, c.now
  from ${source}
 cross join (select ${nowSql(1)} as now) as c
 cross join lateral (select coalesce(i.due_at, c.now + coalesce(i.due_delay, 0) * interval '1 millisecond') as at) as b
 cross join lateral (
   select case when i.worker_id is not null
                and not exists (select from ${schema}.pause p where p.workflow = i.workflow and p.version in (0, i.version))
               then i.worker_id end as id
   offset 0) as w`;
}

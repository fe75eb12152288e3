import type { Checkpoint } from '../../contract/records.js';
import { plainArray, separatedArray, separatedTexts } from '../array-text.js';
import { STANDS } from './checkpoint-fence.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Writes checkpoints of the commonest shape: of each run one unit is done, and the run goes on or is completed. Under load
 * that is nearly every batch; on an idle system a batch holds one, which needs no arrays.
 *
 * - Parameters: the clock, then one array a column, or the columns of the one.
 * - Result: `wakeups`, `cancel` and `paused` of the one; no row when it could not be written as it is: nothing was written
 *   then, and `checkpoint.sql.ts` says why. Of several, the rows of that statement for all but those that were written and
 *   have nothing to tell, and a row 0 whose `wakeups` is the number of these.
 * - Locks: first the run rows whose epoch matches, `FOR NO KEY UPDATE SKIP LOCKED`, and only then is anything written.
 *   A quiet move leaves it at that: the journal row says all that changes (run-progress.sql.ts).
 * - Index: primary keys of `run` and `journal`. The update of a run that goes on is heap-only.
 *
 * Running it again is harmless; see `checkpoint.sql.ts`.
 *
 * @param again an earlier try may have written the rows: they are kept as they are. A first try takes them for new, which
 *   saves a quarter of the server's work, and fails with a violation of the journal's primary key when they are not.
 * @returns `null` when any checkpoint has another shape.
 */
export function checkpointUnits(
  schema: string,
  batch: readonly Checkpoint[],
  now: Date | null,
  again = false,
): SqlStatement | null {
  if (!batch.every(isUnitDone)) return null;
  const one = batch.length === 1;
  const shape = { one, again };
  return {
    name: nameOf(shape),
    text: textFor(schema, shape),
    values: [now, ...(one ? ONE.map(([, , valueOf]) => valueOf(batch[0])) : columnsOfMany(batch))],
  };
}

type Value = string | number | boolean | null;
type Column = readonly [name: string, type: string, valueOf: (checkpoint: Checkpoint) => Value];
type ColumnName = (typeof COLUMNS)[number][0];

/** What the statement takes of a checkpoint: the type that the parameter is cast to, and where its value is found. */
const COLUMNS = [
  ['id', 'uuid', (c) => c.runId],
  ['epoch', 'int', (c) => c.epoch],
  ['status', 'text', (c) => c.move!.status],
  ['cursor', 'int', (c) => c.move!.cursor],
  ['held', 'bool', (c) => c.move!.held],
  ['quiet', 'bool', (c) => c.move!.quiet],
  ['if_wakeups', 'int', (c) => c.move!.ifWakeups],
  ['key', 'text', (c) => c.journal[0].key],
  ['kind', 'text', (c) => c.journal[0].kind],
  ['position', 'int', (c) => c.journal[0].position],
  ['attempt', 'smallint', (c) => c.journal[0].attempt],
  ['duration_ms', 'real', (c) => c.journal[0].durationMs],
  ['result', 'text', (c) => c.journal[0].result],
] as const satisfies readonly Column[];

/** Those of the statement for one, which `journal-unit.sql.ts` spares the quiet moves. */
const ONE: readonly Column[] = COLUMNS.filter(([name]) => name !== 'quiet');

/** Of these the values would need quotes in an array. */
const TEXTS: ReadonlySet<string> = new Set(['key', 'result']);

/** One unit of a run is done, and the run goes on or is completed. */
export function isUnitDone({ journal, move, attempts, progress, children, consumed, parentId }: Checkpoint): boolean {
  if (journal.length !== 1 || move === null || parentId !== null) return false;
  if (attempts.length + progress.length + children.length + consumed.length > 0) return false;
  if (move.quiet) return true;
  if (!move.held && move.status !== 'completed') return false;
  return move.error === null && move.due === null && move.awaiting === null;
}

function columnsOfMany(batch: readonly Checkpoint[]): string[] {
  return COLUMNS.map(([name, , valueOf]: Column) => {
    const values = batch.map(valueOf);
    return TEXTS.has(name) ? separatedTexts(values as string[]) : plainArray(values);
  });
}

interface Shape {
  readonly one: boolean;
  readonly again: boolean;
}

function nameOf({ one, again }: Shape): string {
  return `checkpoint-${one ? 'unit' : 'units'}${again ? '-again' : ''}`;
}

const texts = new Map<string, string>();

function textFor(schema: string, shape: Shape): string {
  const key = `${schema}:${nameOf(shape)}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = shape.one ? textForOne(schema, shape) : textForMany(schema, shape);
    texts.set(key, text);
  }
  return text;
}

/** The run is moved, and journaled where that succeeded: of one row this takes a tenth less than locking it first. */
function textForOne(schema: string, { again }: Shape): string {
  const parameters = ONE.map(([name, type], index) => [name, `$${index + 2}::${type}`] as const);
  const p = Object.fromEntries(parameters) as Readonly<Record<ColumnName, string>>;
  return `
with passed as (
  update ${schema}.run r
     set status = i.status,
         cursor = ${p.cursor},
${settled('i')}
    from (select ${p.status} as status, ${p.held} as held) i
   where r.id = (select f.id from ${schema}.run f
                  where f.id = ${p.id} and f.epoch = ${p.epoch} and f.worker_id is not null
                    and coalesce(${p.if_wakeups} = f.wakeups, true)
                    for no key update skip locked)
     and r.epoch = ${p.epoch}
  returning r.wakeups, r.cancel, r.paused_at is not null as paused
),
journaled as (
  insert into ${schema}.journal (${JOURNAL_COLUMNS})
  select ${p.id}, ${p.key}, ${p.kind} as kind, ${p.position}, ${p.attempt}, ${p.epoch}, ${p.cursor}, ${p.duration_ms},
         ${nowSql(1)}, ${p.result}::json
    from passed${again ? KEPT : ''}
)
select wakeups, cancel, paused from passed`;
}

function textForMany(schema: string, { again }: Shape): string {
  const arrays = COLUMNS.map(([name, type], index) => {
    const parameter = `$${index + 2}::${type}`;
    return TEXTS.has(name) ? separatedArray(parameter) : `${parameter}[]`;
  }).join(', ');
  return `
with input as (
  select * from unnest(${arrays}) with ordinality as i (${COLUMNS.map(([name]) => name).join(', ')}, ordinal)
),
passed as materialized (
  select i.*, f.wakeups, f.cancel, f.paused, f.released,
         f.released or coalesce(i.if_wakeups = f.wakeups, true) as applied
    from input i
   cross join lateral (
     select r.wakeups, r.cancel, r.paused_at is not null as paused, r.worker_id is null as released from ${schema}.run r
      where r.id = i.id and r.epoch = i.epoch
        and ${STANDS}
        for no key update skip locked
   ) f
),
journaled as (
  insert into ${schema}.journal (${JOURNAL_COLUMNS})
  select p.id, p.key, p.kind, p.position, p.attempt, p.epoch, p.cursor, p.duration_ms, ${nowSql(1)}, p.result::json
    from passed p${again ? KEPT : ''}
),
moved as (
  update ${schema}.run r
     set status = p.status,
         cursor = p.cursor,
${settled('p')}
    from passed p
   where r.id = p.id and r.epoch = p.epoch and p.applied and not p.released and not p.quiet
)
select i.ordinal::int as ordinal, p.id is not null as passed, coalesce(p.applied, false) as applied, p.wakeups, p.cancel, p.paused,
       p.id is null and exists (select from ${schema}.run r where r.id = i.id and r.epoch = i.epoch and ${STANDS}) as mine
  from input i left join passed p on p.ordinal = i.ordinal
 where (${SILENT}) is not true
 union all
select 0, true, true, count(*)::int, null, false, false from passed p where ${SILENT}`;
}

export const JOURNAL_COLUMNS = 'run_id, key, kind, position, attempt, epoch, cursor, duration_ms, completed_at, result';

const KEPT = `
      on conflict do nothing`;

/** Written, and nothing came in. */
const SILENT = 'p.applied and p.wakeups = 0 and p.cancel is null and not p.paused';

/** What a run is left with that goes on or is completed. */
function settled(row: string): string {
  return `         worker_id = case when ${row}.held then r.worker_id end,
         due_at = null,
         awaiting = null,
         error = null,
         deliveries = case when ${row}.held then 1 else 0 end,
         updated_at = ${nowSql(1)},
         finished_at = case when not ${row}.held then ${nowSql(1)} end`;
}

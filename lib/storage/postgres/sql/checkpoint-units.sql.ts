import type { Checkpoint } from '../../contract/records.js';
import { plainArray, textArray } from '../array-text.js';
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
 * - Index: primary keys of `run` and `journal`. The update of a run that goes on is heap-only.
 *
 * Running it again is harmless; see `checkpoint.sql.ts`.
 *
 * @returns `null` when any checkpoint has another shape.
 */
export function checkpointUnits(schema: string, batch: readonly Checkpoint[], now: Date | null): SqlStatement | null {
  if (!batch.every(isUnitDone)) return null;
  const one = batch.length === 1;
  return {
    name: one ? 'checkpoint-unit' : 'checkpoint-units',
    text: textFor(schema, one),
    values: [now, ...(one ? valuesOf(batch[0]) : columnsOf(batch))],
  };
}

/** What the statement takes of a checkpoint, with the types that its parameters are cast to. */
const COLUMNS = [
  ['id', 'uuid'],
  ['epoch', 'int'],
  ['status', 'text'],
  ['cursor', 'int'],
  ['held', 'bool'],
  ['if_wakeups', 'int'],
  ['key', 'text'],
  ['kind', 'text'],
  ['position', 'int'],
  ['attempt', 'smallint'],
  ['duration_ms', 'real'],
  ['result', 'text'],
] as const;

/** Of these the values may need quotes. */
const QUOTED: ReadonlySet<string> = new Set(['key', 'result']);

function isUnitDone({ journal, move, attempts, progress, children, consumed, parentId }: Checkpoint): boolean {
  if (journal.length !== 1 || move === null || parentId !== null) return false;
  if (attempts.length + progress.length + children.length + consumed.length > 0) return false;
  if (!move.held && move.status !== 'completed') return false;
  return move.error === null && move.due === null && move.awaiting === null;
}

type Value = string | number | boolean | null;

/** In the order of {@link COLUMNS}. */
function valuesOf({ runId, epoch, move, journal: [entry] }: Checkpoint): Value[] {
  const { status, cursor, held, ifWakeups } = move!;
  const { key, kind, position, attempt, durationMs, result } = entry;
  return [runId, epoch, status, cursor, held, ifWakeups, key, kind, position, attempt, durationMs, result];
}

function columnsOf(batch: readonly Checkpoint[]): string[] {
  const rows = batch.map(valuesOf);
  return COLUMNS.map(([name], column) => {
    const values = rows.map((row) => row[column]);
    return QUOTED.has(name) ? textArray(values as string[]) : plainArray(values);
  });
}

const texts = new Map<string, string>();

function textFor(schema: string, one: boolean): string {
  const key = `${schema}:${one}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = one ? textForOne(schema) : textForMany(schema);
    texts.set(key, text);
  }
  return text;
}

/** Runs are moved first, and journaled where that succeeded: of one row this takes a tenth less than locking it first. */
function textForOne(schema: string): string {
  return `
with moved as (
  update ${schema}.run r
     set status = i.status,
         cursor = $5::int,
${settled('i')}
    from (select $4::text as status, $6::bool as held) i
   where r.id = (select f.id from ${schema}.run f
                  where f.id = $2::uuid and f.epoch = $3::int and f.worker_id is not null
                    and coalesce($7::int = f.wakeups, true)
                    for no key update skip locked)
     and r.epoch = $3::int
  returning r.wakeups, r.cancel, r.paused_at is not null as paused
),
journaled as (
  insert into ${schema}.journal (run_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
  select $2::uuid, $8::text, $9::text as kind, $10::int, $11::smallint, $3::int, $12::real, ${nowSql(1)}, $13::text::json
    from moved
      on conflict do nothing
)
select wakeups, cancel, paused from moved`;
}

function textForMany(schema: string): string {
  const arrays = COLUMNS.map(([, type], index) => `$${index + 2}::${type}[]`).join(', ');
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
  insert into ${schema}.journal (run_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
  select p.id, p.key, p.kind, p.position, p.attempt, p.epoch, p.duration_ms, ${nowSql(1)}, p.result::json
    from passed p
      on conflict do nothing
),
moved as (
  update ${schema}.run r
     set status = p.status,
         cursor = p.cursor,
${settled('p')}
    from passed p
   where r.id = p.id and r.epoch = p.epoch and p.applied and not p.released
)
select i.ordinal::int as ordinal, p.id is not null as passed, coalesce(p.applied, false) as applied, p.wakeups, p.cancel, p.paused,
       p.id is null and exists (select from ${schema}.run r where r.id = i.id and r.epoch = i.epoch and ${STANDS}) as mine
  from input i left join passed p on p.ordinal = i.ordinal
 where (${SILENT}) is not true
 union all
select 0, true, true, count(*)::int, null, false, false from passed p where ${SILENT}`;
}

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

import type { Checkpoint } from '../../contract/records.js';
import { plainArray, separatedArray, separatedTexts } from '../array-text.js';
import { STANDS } from './checkpoint-fence.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/**
 * Writes checkpoints of the commonest shape: of each run one unit is done, and the run goes on or is completed. Under load
 * that is nearly every batch; for one by itself there are `journal-unit.sql.ts` and `last-unit.sql.ts`.
 *
 * - Parameters: the clock, then one array a column.
 * - Result: the rows of `checkpoint.sql.ts` for all but those that were written and have nothing to tell, and a row 0 whose
 *   `wakeups` is the number of these.
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
  const name = again ? 'checkpoint-units-again' : 'checkpoint-units';
  return {
    name,
    text: textOnce(schema, name, () => buildText(schema, again)),
    values: [now, ...columnsOf(batch)],
  };
}

type Value = string | number | boolean | null;
type Column = readonly [name: string, type: string, valueOf: (checkpoint: Checkpoint) => Value];

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

function columnsOf(batch: readonly Checkpoint[]): string[] {
  return COLUMNS.map(([name, , valueOf]: Column) => {
    const values = batch.map(valueOf);
    return TEXTS.has(name) ? separatedTexts(values as string[]) : plainArray(values);
  });
}

function buildText(schema: string, again: boolean): string {
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
         worker_id = case when p.held then r.worker_id end,
         due_at = null,
         awaiting = null,
         error = null,
         deliveries = case when p.held then 1 else 0 end,
         updated_at = ${nowSql(1)},
         finished_at = case when not p.held then ${nowSql(1)} end
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

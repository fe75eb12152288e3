import type { Checkpoint } from '../../contract/records.js';
import { isUnitDone, JOURNAL_COLUMNS } from './checkpoint-units.sql.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/**
 * Journals the finished unit of one run that goes on, where neither the run's row nor the worker has anything to learn: on an
 * idle system nearly every checkpoint, and the shortest there is.
 *
 * - Parameters: the clock, then the run's id, epoch and wake-up counter as its holder knows them, then the journal row.
 * - Result: no rows. One row is inserted, or none: something came in, or the row is locked or lost. Nothing was written then,
 *   and `checkpoint.sql.ts` says what it is.
 * - Locks: the run's row if its epoch matches, `FOR NO KEY UPDATE SKIP LOCKED`, before the journal row is inserted.
 * - Index: primary keys of `run` and `journal`.
 *
 * @param again see `checkpointUnits`.
 * @returns `null` when the batch is anything else.
 */
export function journalUnit(
  schema: string,
  batch: readonly Checkpoint[],
  now: Date | null,
  again = false,
): SqlStatement | null {
  const [checkpoint] = batch;
  if (batch.length !== 1 || !checkpoint.move?.quiet || !isUnitDone(checkpoint)) return null;
  const { runId, epoch, seen, move, journal } = checkpoint;
  const [{ key, kind, position, attempt, durationMs, result }] = journal;
  const name = again ? 'checkpoint-unit-quiet-again' : 'checkpoint-unit-quiet';
  return {
    name,
    text: textOnce(schema, name, () => buildText(schema, again)),
    values: [now, runId, epoch, seen, key, kind, position, attempt, move.cursor, durationMs, result],
  };
}

function buildText(schema: string, again: boolean): string {
  return `
insert into ${schema}.journal (${JOURNAL_COLUMNS})
select $2::uuid, $5::text, $6::text as kind, $7::int, $8::smallint, $3::int, $9::int, $10::real, ${nowSql(1)}, $11::text::json
  from ${schema}.run f
 where f.id = $2::uuid and f.epoch = $3::int and f.worker_id is not null
   and f.wakeups = $4::int and f.cancel is null and f.paused_at is null
   for no key update skip locked${again ? '\n    on conflict do nothing' : ''}`;
}

import type { Checkpoint } from '../../contract/records.js';
import { isUnitDone, JOURNAL_COLUMNS } from './checkpoint-units.sql.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/**
 * Journals the last unit of one run and completes the run: on an idle system the other of its two checkpoints.
 *
 * - Parameters: the clock, then the run's id, epoch, cursor and wake-up counter as its holder knows them, then the journal row.
 * - Result: no rows, which the server would have to gather: it takes a tenth less than `checkpointUnits`. One row is inserted,
 *   or none: something came in, or the row is locked or lost. Nothing was written then, and `checkpoint.sql.ts` says what it is.
 * - Locks: the run's row if its epoch matches, `FOR NO KEY UPDATE SKIP LOCKED`, before anything is written.
 * - Index: primary keys of `run` and `journal`.
 *
 * @param again see `checkpointUnits`.
 * @returns `null` when the batch is anything else.
 */
export function journalLastUnit(
  schema: string,
  batch: readonly Checkpoint[],
  now: Date | null,
  again = false,
): SqlStatement | null {
  const [checkpoint] = batch;
  if (batch.length !== 1 || !isUnitDone(checkpoint)) return null;
  const { runId, epoch, move, journal } = checkpoint;
  if (move?.status !== 'completed' || move.held || move.ifWakeups === null) return null;
  const [{ key, kind, position, attempt, durationMs, result }] = journal;
  const name = again ? 'checkpoint-unit-last-again' : 'checkpoint-unit-last';
  return {
    name,
    text: textOnce(schema, name, () => buildText(schema, again)),
    values: [now, runId, epoch, move.cursor, move.ifWakeups, key, kind, position, attempt, durationMs, result],
  };
}

function buildText(schema: string, again: boolean): string {
  return `
with completed as (
  update ${schema}.run r
     set status = 'completed', cursor = $4::int, worker_id = null, due_at = null, awaiting = null, error = null, deliveries = 0,
         updated_at = ${nowSql(1)}, finished_at = ${nowSql(1)}
   where r.id = (select f.id from ${schema}.run f
                  where f.id = $2::uuid and f.epoch = $3::int and f.worker_id is not null and f.wakeups = $5::int
                    for no key update skip locked)
     and r.epoch = $3::int
  returning r.id
)
insert into ${schema}.journal (${JOURNAL_COLUMNS})
select $2::uuid, $6::text, $7::text as kind, $8::int, $9::smallint, $3::int, $4::int, $10::real, ${nowSql(1)}, $11::text::json
  from completed${again ? '\n    on conflict do nothing' : ''}`;
}

import type { Checkpoint } from '../../contract/records.js';
import { plainArray, separatedArray, separatedTexts, textArray } from '../array-text.js';
import { STANDS } from './checkpoint-fence.js';
import { insertNewRuns, NEW_RUN_COLUMNS, newRunColumns } from './insert-runs.sql.js';
import { nowSql } from './sql-clock.sql.js';
import { textOnce, type SqlStatement } from './sql-statement.js';

/** Number of the first parameter after those of the runs and journal rows, and of the first one of the children. */
const FIRST_DETAIL = 20;
const FIRST_CHILD = FIRST_DETAIL + 12;

/** The transaction that a checkpoint must be part of, by the exact text of its `now()`. */
export interface TransactionMark {
  readonly began: string;
}

/**
 * Writes a batch of checkpoints of any shape; `checkpoint-units.sql.ts` is for the commonest.
 *
 * - Parameters: the clock, then one array a column of the runs and the journal rows; with details, also of the failed
 *   attempts, the progress, the signals taken and the children born.
 * - Result: one row a checkpoint: `passed` (written), `applied` (the run moved too), `mine` (for those that did not
 *   pass: whether the epoch still matches, so that only the row's lock was in the way), `wakeups`, `cancel`, `paused`.
 * - Locks: first the run rows whose epoch still matches, `FOR NO KEY UPDATE`, and only then is anything written: an
 *   `EXISTS` check would let a late journal row commit behind a takeover. In a batch the lock is taken with `SKIP
 *   LOCKED`, so that one row held by someone's open transaction never delays its neighbours; in a step's own
 *   transaction it is waited for, and the fence also demands that this is still the transaction that the step began.
 * - Index: primary keys of `run`, `journal`, `attempt`, `progress`. The update of a run that goes on is heap-only.
 *
 * A park ends at the run's own deadline at the latest: somebody has to fail it then.
 *
 * Running it again is harmless: journal rows and attempts are kept as they are, the run's move sets, never adds, and a run
 * that was let go stays with whoever comes next.
 */
export function checkpointRuns(
  schema: string,
  batch: readonly Checkpoint[],
  now: Date | null,
  transaction: TransactionMark | null = null,
): SqlStatement {
  const wait = transaction !== null;
  const details = batch.some(hasDetails);
  const variant = `${details ? 'details' : 'plain'}${wait ? '-wait' : ''}`;
  const name = `checkpoint-${variant}`;
  return {
    name,
    text: textOnce(schema, name, () => buildText(schema, { details, wait })),
    values: [
      now,
      ...runColumns(batch),
      ...journalColumns(batch),
      ...(details ? detailColumns(batch) : []),
      ...(transaction ? [transaction.began] : []),
    ],
  };
}

/** Most checkpoints only finish a unit; the statement for them is half as long. */
function hasDetails({ attempts, progress, consumed, children }: Checkpoint): boolean {
  return attempts.length + progress.length + consumed.length + children.length > 0;
}

function runColumns(batch: readonly Checkpoint[]): string[] {
  const moves = batch.map((checkpoint) => checkpoint.move);
  return [
    plainArray(batch.map((checkpoint) => checkpoint.runId)),
    plainArray(batch.map((checkpoint) => checkpoint.epoch)),
    plainArray(batch.map((checkpoint) => checkpoint.journal.length + checkpoint.attempts.length > 0)),
    plainArray(moves.map((move) => move?.status ?? null)),
    plainArray(moves.map((move) => move?.cursor ?? null)),
    plainArray(moves.map((move) => move?.held ?? null)),
    plainArray(moves.map((move) => (move?.due && 'delayMs' in move.due ? move.due.delayMs : null))),
    plainArray(moves.map((move) => (move?.due && 'at' in move.due ? move.due.at.toISOString() : null))),
    textArray(moves.map((move) => (move?.awaiting ? separatedTexts(move.awaiting) : null))),
    textArray(moves.map((move) => (move?.error ? JSON.stringify(move.error) : null))),
    plainArray(moves.map((move) => move?.ifWakeups ?? null)),
  ];
}

function journalColumns(batch: readonly Checkpoint[]): string[] {
  const rows = batch.flatMap(({ journal }, index) => journal.map((entry) => ({ index, entry })));
  return [
    plainArray(rows.map((row) => row.index + 1)),
    textArray(rows.map((row) => row.entry.key)),
    plainArray(rows.map((row) => row.entry.kind)),
    plainArray(rows.map((row) => row.entry.position)),
    plainArray(rows.map((row) => row.entry.attempt)),
    plainArray(rows.map((row) => row.entry.durationMs)),
    textArray(rows.map((row) => row.entry.result)),
  ];
}

function detailColumns(batch: readonly Checkpoint[]): string[] {
  const attempts = batch.flatMap((checkpoint, index) => checkpoint.attempts.map((attempt) => ({ index, attempt })));
  const progress = batch.flatMap((checkpoint, index) => checkpoint.progress.map((entry) => ({ index, ...entry })));
  const consumed = batch.flatMap((checkpoint, index) => checkpoint.consumed.map((entry) => ({ index, ...entry })));
  return [
    plainArray(attempts.map((row) => row.index + 1)),
    textArray(attempts.map((row) => row.attempt.key)),
    plainArray(attempts.map((row) => row.attempt.attempt)),
    plainArray(attempts.map((row) => row.attempt.final)),
    plainArray(attempts.map((row) => row.attempt.durationMs)),
    textArray(attempts.map((row) => JSON.stringify(row.attempt.error))),
    plainArray(progress.map((row) => row.index + 1)),
    textArray(progress.map((row) => row.key)),
    textArray(progress.map((row) => row.value)),
    plainArray(consumed.map((row) => row.index + 1)),
    plainArray(consumed.map((row) => row.signalId)),
    textArray(consumed.map((row) => row.key)),
    ...newRunColumns(batch.flatMap(({ children }) => children)),
  ];
}

function buildText(schema: string, { details, wait }: { details: boolean; wait: boolean }): string {
  const mark = `$${details ? FIRST_CHILD + NEW_RUN_COLUMNS : FIRST_DETAIL}::timestamptz`;
  // A statement that has waited for the lock would look for the epoch in a snapshot from before it.
  const mine = `exists (select from ${schema}.run r where r.id = i.id and r.epoch = i.epoch and ${STANDS})`;
  return `
with input as (
  select * from unnest($2::uuid[], $3::int[], $4::bool[], $5::text[], $6::int[], $7::bool[],
                       $8::float8[], $9::timestamptz[], $10::text[], $11::text[], $12::int[])
         with ordinality
    as i (id, epoch, progressed, status, cursor, held, due_delay, due_at, awaiting, error, if_wakeups, ordinal)
),
passed as materialized (
  select i.*, f.wakeups, f.cancel, f.paused, f.released,
         f.released or i.status is not null and coalesce(i.if_wakeups = f.wakeups, true) as applied
    from input i
   cross join lateral (
     select r.wakeups, r.cancel, r.paused_at is not null as paused, r.worker_id is null as released from ${schema}.run r
      where r.id = i.id and r.epoch = i.epoch${wait ? ` and now() = ${mark}` : ''}
        and ${STANDS}
        for no key update${wait ? '' : ' skip locked'}
   ) f
),
journaled as (
  insert into ${schema}.journal (run_id, key, kind, position, attempt, epoch, cursor, duration_ms, completed_at, result)
  select p.id, j.key, j.kind, j.position, j.attempt, p.epoch, coalesce(p.cursor, 0), j.duration_ms, ${nowSql(1)},
         j.result::json
    from unnest($13::int[], $14::text[], $15::text[], $16::int[], $17::smallint[], $18::real[], $19::text[])
      as j (ordinal, key, kind, position, attempt, duration_ms, result)
    join passed p on p.ordinal = j.ordinal
      on conflict do nothing
),${details ? detailsText(schema) : ''}
moved as (
  update ${schema}.run r
     set status = p.status,
         cursor = p.cursor,
         worker_id = case when p.held then r.worker_id end,
         due_at = case when not p.held and p.status in ('pending', 'suspended', 'compensating')
                       then least(p.due_at, ${nowSql(1)} + p.due_delay * interval '1 millisecond',
                             case when p.status <> 'compensating' and p.error is null then r.deadline_at end) end,
         awaiting = ${separatedArray('p.awaiting')},
         error = p.error::json,
         deliveries = case when not p.held then 0 when p.progressed then 1 else r.deliveries end,
         updated_at = ${nowSql(1)},
         finished_at = case when p.status in ('completed', 'failed', 'canceled', 'compensation_failed')
                            then ${nowSql(1)} end
    from passed p
   where r.id = p.id and r.epoch = p.epoch and p.applied and not p.released
)
select i.ordinal::int as ordinal, p.id is not null as passed, coalesce(p.applied, false) as applied, p.wakeups, p.cancel, p.paused,
       p.id is null and ${wait ? `now() <> ${mark}` : mine} as mine
  from input i left join passed p on p.ordinal = i.ordinal`;
}

function detailsText(schema: string): string {
  return `
attempted as (
  insert into ${schema}.attempt (run_id, key, epoch, attempt, final, duration_ms, failed_at, error)
  select p.id, a.key, p.epoch, a.attempt, a.final, a.duration_ms, ${nowSql(1)}, a.error::json
    from unnest($20::int[], $21::text[], $22::int[], $23::bool[], $24::real[], $25::text[])
      as a (ordinal, key, attempt, final, duration_ms, error)
    join passed p on p.ordinal = a.ordinal
      on conflict do nothing
),
progressed as (
  insert into ${schema}.progress (run_id, key, value, updated_at)
  select p.id, g.key, g.value::json, ${nowSql(1)}
    from unnest($26::int[], $27::text[], $28::text[]) as g (ordinal, key, value)
    join passed p on p.ordinal = g.ordinal
      on conflict (run_id, key) do update set value = excluded.value, updated_at = excluded.updated_at
),
consumed as (
  update ${schema}.signal s set consumed_by = coalesce(s.consumed_by, c.key)
    from unnest($29::int[], $30::uuid[], $31::text[]) as c (ordinal, signal_id, key)
    join passed p on p.ordinal = c.ordinal
   where s.id = c.signal_id and s.id = any ($30::uuid[])
),
born as (${insertNewRuns(schema, FIRST_CHILD, '\n  join passed p on p.id = i.parent_id')}
),`;
}

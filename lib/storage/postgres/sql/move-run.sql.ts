import { PlanChangedError } from '../../../errors/index.js';
import type { Move } from '../../contract/plan-store.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Moves a run that nobody holds to another plan, if it is as it was read. One that a changed plan has stopped becomes due,
 * with the error that it had before. The epoch of a run that never began stays: nobody can have held it.
 *
 * - Parameters: the clock, error code of stopped runs, the run as read, its new version, plan hash and cursor.
 * - Result: `queue`. Locks: the row, held already. Index: the primary key.
 */
export function moveRun(schema: string, { run, to }: Move, now: Date | null): SqlStatement {
  const stopped = `coalesce(r.error ->> 'code' = $2, false)`;
  return {
    text: `
update ${schema}.run r
   set version = $8, plan_hash = $9, cursor = $10,
       epoch = case when r.started_at is null then r.epoch else r.epoch + 1 end,
       due_at = case when ${stopped} then ${nowSql(1)} else r.due_at end,
       error = case when ${stopped} then r.error -> 'cause' else r.error end,
       deliveries = 0, updated_at = ${nowSql(1)}
 where r.id = $3 and r.epoch = $4 and r.status = $5 and r.plan_hash = $6 and r.cursor = $7 and r.worker_id is null
returning r.queue`,
    values: [
      now,
      PlanChangedError.code,
      run.id,
      run.epoch,
      run.status,
      run.planHash,
      run.cursor,
      to.version,
      to.planHash,
      to.cursor,
    ],
  };
}

/**
 * Gives the children of a run the new names of the nodes that started them, for people to read. Not in the transaction
 * that locks the parent: the last checkpoint of a child locks the child first.
 *
 * - Parameters: run id, former and present names. Locks: the children's rows. Index: `run_parent`.
 */
export function renameParentKeys(schema: string, { run, renames }: Move): SqlStatement {
  return {
    text: `
update ${schema}.run r set parent_key = n.present
  from unnest($2::text[], $3::text[]) as n (former, present)
 where r.parent_id = $1 and r.parent_key = n.former`,
    values: [run.id, ...columns(renames)],
  };
}

/** Tables whose rows belong to a unit of a run. What a signal was taken by, and the archive, stay as history. */
const KEYED = ['journal', 'attempt', 'progress'] as const;

/** Marks a key that was renamed until all are, so that two nodes can change names. No name holds a control character. */
const MARK = `E'\\x01'`;

/**
 * Renames the rows of nodes of a run, in the tables that know units: `charge`, `charge.x`, `charge#3`, `undo:charge`,
 * `wait:charge`. The only statements that change a journal row; see docs/adr/0011.
 *
 * - Parameters: run id, former and present names; then only the run id. Locks: the rows; the run's row is locked already.
 * - Index: primary keys.
 */
export function renameUnits(schema: string, { run, renames }: Move): readonly SqlStatement[] {
  const unit = `substr(t.key, strpos(t.key, ':') + 1)`;
  const node = `split_part(split_part(${unit}, '#', 1), '.', 1)`;
  const renamed = `left(t.key, strpos(t.key, ':')) || n.present || substr(${unit}, length(n.former) + 1)`;
  return KEYED.flatMap((table) => {
    return [
      {
        text: `
update ${schema}.${table} t set key = ${MARK} || ${renamed}
  from unnest($2::text[], $3::text[]) as n (former, present)
 where t.run_id = $1 and ${node} = n.former`,
        values: [run.id, ...columns(renames)],
      },
      {
        text: `update ${schema}.${table} t set key = substr(t.key, 2) where t.run_id = $1 and starts_with(t.key, ${MARK})`,
        values: [run.id],
      },
    ];
  });
}

function columns(renames: Move['renames']): [string[], string[]] {
  return [renames.map(([former]) => former), renames.map(([, present]) => present)];
}

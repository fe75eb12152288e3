import { PlanChangedError } from '../../../errors/index.js';
import type { MovableFilter, PlanPlace } from '../../contract/plan-store.contract.js';
import { cursorSql } from './run-progress.sql.js';
import type { SqlStatement } from './sql-statement.js';

/** As a condition that the partial index `run_unfinished` serves. */
const IN_FLIGHT = `r.status in ('pending', 'running', 'suspended', 'compensating')`;

/** Counts of a group of runs `r`; `$1` is the error code of stopped runs. */
const COUNTS = `count(*)::int as runs, count(*) filter (where r.error ->> 'code' = $1)::int as stopped,
       min(r.id::text) as oldest, max(r.id::text) as newest`;

/** Kinds of journal rows that a change of the plan can touch. */
const KINDS = `('step', 'branch', 'iteration', 'item', 'decision', 'suspension')`;

/** What a journal row `j` says about its run, as `footprintOfMarks` reads it. Without the index of an iteration or item. */
function markSql(schema: string): string {
  return `case j.kind
           when 'decision' then 'decided:' || j.key || '.' || (j.result #>> '{}')
           when 'suspension' then 'wait:' || split_part(substr(j.key, 6), '#', 1)
           else case when exists (select from ${schema}.journal u where u.run_id = j.run_id and u.key = 'undo:' || j.key)
                     then 'undone:' else 'done:' end || regexp_replace(j.key, '#.*$', '#')
         end`;
}

/** The node of a journal row `j`: its key without phase, branch and index. */
const NODE = `split_part(split_part(substr(j.key, strpos(j.key, ':') + 1), '#', 1), '.', 1)`;

/**
 * Counts the runs in flight by where they are in which plan.
 *
 * - Parameters: error code of stopped runs. Result: one row a place. Locks: none. Index: `run_unfinished`; it reads every
 *   run in flight, so it is for people, not for loops.
 */
export function listPlaces(schema: string): SqlStatement {
  return {
    text: `
select r.workflow, r.version, r.plan_hash as "planHash", r.cursor, r.begun, ${COUNTS}
  from (select r.id, r.workflow, r.version, r.plan_hash, ${cursorSql(schema)} as cursor,
               r.started_at is not null as begun, r.error
          from ${schema}.run r where ${IN_FLIGHT}) r
 group by r.workflow, r.version, r.plan_hash, r.cursor, r.begun
 order by r.workflow, r.version, r.plan_hash, r.cursor, r.begun`,
    values: [PlanChangedError.code],
  };
}

/**
 * Counts the runs of one place by what they have journaled of some nodes.
 *
 * - Parameters: error code, the place, names of nodes. Result: one row for each set of marks. Locks: none.
 * - Index: `run_unfinished`, then the journal's primary key for each run.
 */
export function listFootprints(schema: string, place: PlanPlace, nodes: readonly string[]): SqlStatement {
  const { workflow, version, planHash, cursor, begun } = place;
  return {
    text: `
with placed as materialized (
  select r.id, r.error from ${schema}.run r
   where ${IN_FLIGHT} and r.workflow = $2 and r.version = $3 and r.plan_hash = $4 and ${cursorSql(schema)} = $5
     and (r.started_at is not null) = $6
),
marked as (
  select p.id, p.error,
         array(select distinct ${markSql(schema)} from ${schema}.journal j
                where j.run_id = p.id and j.kind in ${KINDS} and ${NODE} = any ($7::text[]) order by 1) as marks
    from placed p
)
select r.marks, ${COUNTS}
  from marked r
 group by r.marks
 order by r.marks`,
    values: [PlanChangedError.code, workflow, version, planHash, cursor, begun, nodes],
  };
}

/**
 * Reads runs in flight with what they have journaled, oldest first.
 *
 * - Parameters: workflow, version, plan hash and run ids (each null for any), id to go on behind, limit.
 * - Result: one row a run. Locks: none. Index: the primary key, then the journal's for each run.
 */
export function listMovable(schema: string, filter: MovableFilter): SqlStatement {
  const { workflow, version, planHash, runIds, after, limit } = filter;
  return {
    text: `
select r.id, r.status, r.version, r.plan_hash as "planHash", ${cursorSql(schema)} as cursor, r.epoch,
       r.started_at is not null as begun,
       r.worker_id is not null as held,
       array(select distinct ${markSql(schema)} from ${schema}.journal j
              where j.run_id = r.id and j.kind in ${KINDS} order by 1) as marks
  from ${schema}.run r
 where ${IN_FLIGHT} and r.workflow = $1 and ($2::int is null or r.version = $2::int)
   and ($3::text is null or r.plan_hash = $3::text) and ($4::uuid[] is null or r.id = any ($4::uuid[]))
   and r.id > coalesce($5::uuid, '00000000-0000-0000-0000-000000000000')
 order by r.id
 limit $6`,
    values: [workflow, version, planHash, runIds, after, limit],
  };
}

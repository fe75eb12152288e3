import { PlanChangedError } from '../../../errors/index.js';
import type { PurgeableFilter } from '../../contract/database-survey.contract.js';
import { quoteIdentifier } from './sql-identifier.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Counts the runs that could be taken now, by what a worker needs to take them.
 *
 * - Parameters: none. Result: one row a group: `BacklogFacts`. Locks: none. Index: `run_due`.
 */
export function listBacklog(schema: string): SqlStatement {
  return {
    text: `
select r.workflow, r.version, r.queue, count(*)::int as runs,
       (extract(epoch from statement_timestamp() - min(r.due_at)) * 1000)::float8 as "oldestMs"
  from ${quoteIdentifier(schema)}.run r
 where r.due_at <= statement_timestamp() and r.paused_at is null
 group by r.queue, r.workflow, r.version
 order by min(r.due_at)`,
    values: [],
  };
}

/**
 * Counts the runs whose plan changed under them.
 *
 * - Parameters: the error's code. Result: one row a workflow and version. Locks: none. Index: `run_unfinished`.
 */
export function listStopped(schema: string): SqlStatement {
  return {
    text: `
select r.workflow, r.version, count(*)::int as runs
  from ${quoteIdentifier(schema)}.run r
 where r.status in ('pending', 'running', 'suspended', 'compensating') and r.error ->> 'code' = $1
 group by r.workflow, r.version
 order by r.workflow, r.version`,
    values: [PlanChangedError.code],
  };
}

/**
 * Lists the workflows that some process has registered.
 *
 * - Parameters: none. Result: one row a workflow and version: `workflow`. Locks: none. Index: the primary key.
 */
export function listWorkflows(schema: string): SqlStatement {
  return {
    text: `
select distinct d.name || '@' || d.version as workflow from ${quoteIdentifier(schema)}.definition d order by 1`,
    values: [],
  };
}

/**
 * Counts what a purge would delete, but for rows that somebody has locked.
 *
 * - Parameters: statuses, age in milliseconds, time. Result: `runs`. Locks: none. Reads every run of those statuses.
 */
export function countPurgeable(schema: string, { finishedBefore, status }: PurgeableFilter): SqlStatement {
  const quoted = quoteIdentifier(schema);
  return {
    text: `
select count(*)::int as runs
  from ${quoted}.run r
 where r.status = any ($1::text[])
   and r.finished_at < coalesce($3::timestamptz, statement_timestamp() - $2::float8 * interval '1 millisecond')
   and not exists (select from ${quoted}.run p where p.id = r.parent_id and p.finished_at is null)`,
    values: [
      status,
      'ageMs' in finishedBefore ? finishedBefore.ageMs : null,
      'at' in finishedBefore ? finishedBefore.at.toISOString() : null,
    ],
  };
}

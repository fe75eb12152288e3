import type { SqlStatement } from './sql-statement.js';

/**
 * Waits until the transaction that holds a run row has ended, whichever way.
 *
 * - Parameters: run id. Result: none of interest. Locks: the run row. Index: the primary key.
 */
export function lockRun(schema: string, runId: string): SqlStatement {
  return { text: `select from ${schema}.run where id = $1 for no key update`, values: [runId] };
}

/**
 * Whether a journal row was committed. Sent after {@link lockRun} as a statement of its own, so that its snapshot is
 * newer than the end of the transaction that was waited for.
 *
 * - Parameters: run id, journal key. Result: `written`, `wakeups`, `cancel`, `paused`. Locks: none. Index: primary keys.
 */
export function findCommit(schema: string, runId: string, key: string): SqlStatement {
  return {
    text: `
select exists (select from ${schema}.journal j where j.run_id = r.id and j.key = $2) as written, r.wakeups, r.cancel,
       r.paused_at is not null as paused
  from ${schema}.run r where r.id = $1`,
    values: [runId, key],
  };
}

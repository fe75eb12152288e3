import type { RunStatus } from '../../../definition/run-state.js';
import type { SqlStatement } from './sql-statement.js';

/** The run as the order's lock found it. */
export interface LockedRun {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly plan_hash: string;
  readonly status: RunStatus;
  readonly cursor: number;
  readonly epoch: number;
  readonly retried_epoch: number;
  readonly queue: string;
  readonly worker_id: string | null;
  readonly parent_id: string | null;
  readonly canceling: boolean;
  readonly paused: boolean;
}

/**
 * Locks the run that an operator orders something of, and reads what the order depends on. What is decided from it holds
 * until the transaction ends; the statements that follow restate epoch and status all the same.
 *
 * - Parameters: the run's id. Result: one {@link LockedRun}, or none when there is no such run;
 *   its `cursor` is that of the row, and where somebody holds the run `readCursor` is to be asked.
 * - Locks: the row, `NOWAIT`: a checkpoint's commit or a step's transaction may hold it, and an order that waited there
 *   would keep a connection that starts and claims need. The caller tries again. Index: the primary key.
 */
export function lockForOrder(schema: string, runId: string): SqlStatement {
  return {
    name: 'lock-for-order',
    text: `
select r.id, r.workflow, r.version, r.plan_hash, r.status, r.cursor, r.epoch, r.retried_epoch, r.queue, r.worker_id,
       r.parent_id, r.cancel is not null as canceling, r.paused_at is not null as paused
  from ${schema}.run r where r.id = $1 for no key update nowait`,
    values: [runId],
  };
}

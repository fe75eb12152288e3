import type { OperatorAction, OrderedBy } from '../../contract/run-repair.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/** A line of the audit trail. */
export interface Operation extends OrderedBy {
  readonly id: string;
  /** Null for an order to a workflow. */
  readonly runId: string | null;
  readonly workflow: string;
  /** Null for an order to every version. */
  readonly version: number | null;
  readonly action: OperatorAction;
  readonly before: object | null;
  readonly after: object | null;
}

/**
 * Writes who ordered what, and what it changed; in the transaction of the order itself.
 *
 * - Parameters: the clock, then the columns. Locks: the new row.
 */
export function recordOperation(schema: string, operation: Operation, now: Date | null): SqlStatement {
  const { id, runId, workflow, version, action, by, reason, before, after } = operation;
  return {
    name: 'record-operation',
    text: `
insert into ${schema}.operation (id, run_id, workflow, version, action, at, by, reason, before, after)
values ($2, $3, $4, $5, $6, ${nowSql(1)}, $7, $8, $9::json, $10::json)`,
    values: [now, id, runId, workflow, version, action, by, reason, jsonOf(before), jsonOf(after)],
  };
}

/**
 * Reads the audit trail of a run, oldest first.
 *
 * - Parameters: the run's id. Locks: none. Index: `operation_run`.
 */
export function listOperations(schema: string, runId: string): SqlStatement {
  return {
    name: 'list-operations',
    text: `
select o.id, o.run_id as "runId", o.workflow, o.version, o.action, o.at, o.by, o.reason, o.before, o.after
  from ${schema}.operation o where o.run_id = $1 order by o.id`,
    values: [runId],
  };
}

function jsonOf(value: object | null): string | null {
  return value && JSON.stringify(value);
}

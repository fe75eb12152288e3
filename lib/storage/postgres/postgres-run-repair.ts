import type { QueryResultRow } from 'pg';
import type { Clock } from '../../common/clock.js';
import { newId } from '../../common/ids.js';
import { parseKey } from '../../definition/journal-key.js';
import type { PlanJson } from '../../definition/plan-json.js';
import { isTerminal, type RunStatus } from '../../definition/run-state.js';
import type { CancelRequest } from '../contract/records.js';
import type {
  OperationNote,
  OperatorAction,
  OrderedBy,
  PauseOutcome,
  RetryOutcome,
  RunRepair,
  SkipOutcome,
  StoredOperation,
  TerminateOutcome,
  WorkflowPause,
} from '../contract/run-repair.contract.js';
import type { ClosedChild } from '../contract/run-store.contract.js';
import { closeChildren } from './close-children.js';
import type { Query } from './connection/engine-client.js';
import type { StatementRunner } from './connection/engine-pool.js';
import { withRetry } from './retry.js';
import { MAX_ELAPSED_MS, RunOrders, type OpenOrder } from './run-orders.js';
import { archiveJournal, forgetProgress, listUnits } from './sql/archive-journal.sql.js';
import { pauseRun } from './sql/pause-run.sql.js';
import { listPauses, pauseWorkflow, unpauseWorkflow } from './sql/pause-workflow.sql.js';
import { lockForOrder } from './sql/order-run.sql.js';
import { listOperations, recordOperation } from './sql/record-operation.sql.js';
import { retryRun } from './sql/retry-run.sql.js';
import { findDefinitionByHash } from './sql/save-definitions.sql.js';
import { goOnBehind, journalByHand } from './sql/skip-node.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';
import { isUniqueViolation } from './sqlstate.js';
import { terminateRun } from './sql/terminate-run.sql.js';
import { wakeParents } from './sql/wake-parents.sql.js';

interface MovedRow {
  readonly status: RunStatus;
  readonly queue: string;
}

interface WokenRow {
  readonly queue: string | null;
}

/** Where a retry begins, and what it leaves behind. */
interface Restart {
  readonly cursor: number | null;
  /** Journal rows that are to be written anew. */
  readonly archived: readonly string[];
}

/** For orders that a repetition would report as refused although they counted. */
const ONCE = ['conflict'] as const;

/** {@link RunRepair} on PostgreSQL: each order is one short transaction, given through {@link RunOrders}. */
export class PostgresRunRepair implements RunRepair {
  private readonly orders: RunOrders;

  /** @param schema already quoted */
  constructor(
    private readonly pool: StatementRunner,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {
    this.orders = new RunOrders(pool, schema, clock);
  }

  async retry(runId: string, from: string | null, by: OrderedBy, dryRun = false): Promise<RetryOutcome | null> {
    return this.orders.give<RetryOutcome>(
      'retry a run',
      runId,
      async (order) => {
        const { query, run, record } = order;
        const restart = await this.restartOf(order, from);
        if ('outcome' in restart) return restart;
        const { cursor, archived } = restart;
        if (cursor !== null) await query(forgetProgress(this.schema, runId));
        if (archived.length > 0) await query(archiveJournal(this.schema, runId, order.id, archived));
        const { rows } = await query<MovedRow>(retryRun(this.schema, run, cursor, this.clock.fixed()));
        await record('retry', by, {
          before: { status: run.status, cursor: run.cursor },
          after: { status: rows[0].status, cursor: cursor ?? run.cursor, ...(from === null ? {} : { from, archived }) },
        });
        return { outcome: 'accepted', ...rows[0] };
      },
      ONCE,
      dryRun,
    );
  }

  async skip(runId: string, node: string, result: string, by: OrderedBy, dryRun = false): Promise<SkipOutcome | null> {
    return this.orders.give<SkipOutcome>(
      'skip a node',
      runId,
      async (order) => {
        const { query, run, record } = order;
        const { status } = run;
        const parked = status === 'pending' || status === 'suspended';
        if (run.worker_id !== null || run.canceling || !(parked || status === 'failed')) {
          return { outcome: 'not_skippable', status, held: run.worker_id !== null };
        }
        const current = (await this.nodesOf(order))[run.cursor] ?? null;
        if (current !== node) return { outcome: 'other_node', status, current };
        const units = await this.unitsOf(order);
        const undone = nodesOf(units.filter((unit) => unit.undone));
        if (undone.length > 0) return { outcome: 'undone', status, nodes: undone };
        // A route that has chosen has a row under its own name.
        if (units.some(({ key }) => key === node)) await query(archiveJournal(this.schema, runId, order.id, [node]));
        await query(journalByHand(this.schema, run, node, result, this.clock.fixed()));
        const { rows } = await query<MovedRow>(goOnBehind(this.schema, run, this.clock.fixed()));
        await record('skip', by, {
          before: { status, cursor: run.cursor },
          after: { status: rows[0].status, cursor: run.cursor + 1, node },
        });
        return { outcome: 'accepted', ...rows[0] };
      },
      ONCE,
      dryRun,
    );
  }

  async terminate(runId: string, by: OrderedBy): Promise<TerminateOutcome | null> {
    return this.orders.give<TerminateOutcome>('terminate a run', runId, async ({ query, run, record }) => {
      const { status, cursor, worker_id: worker, parent_id: parent } = run;
      if (isTerminal(status)) return { accepted: false, status, worker: null, parentQueue: null };
      const now = this.clock.fixed();
      const request: CancelRequest = { reason: by.reason, compensate: false, terminated: true };
      await query(terminateRun(this.schema, run, request, now));
      await record('terminate', by, { before: { status, cursor }, after: { status: 'canceled', cursor } });
      const parentQueue = parent === null ? null : await this.wakeParent(query, parent, now);
      return { accepted: true, status: 'canceled', worker, parentQueue };
    });
  }

  /** Locks the parent without waiting, as the run was locked: who waits while he holds a run may wait in a circle. */
  private async wakeParent(query: Query, parentId: string, now: Date | null): Promise<string | null> {
    await query(lockForOrder(this.schema, parentId));
    const { rows } = await query<WokenRow>(wakeParents(this.schema, [parentId], now));
    return rows[0]?.queue ?? null;
  }

  closeChildren(runId: string): Promise<readonly ClosedChild[]> {
    const close = (): Promise<readonly ClosedChild[]> =>
      closeChildren(this.pool, this.schema, runId, this.clock.fixed());
    return withRetry('close the children of a run', close, { maxElapsedMs: MAX_ELAPSED_MS });
  }

  pause(runId: string, by: OrderedBy): Promise<PauseOutcome | null> {
    return this.setPaused(runId, true, by);
  }

  unpause(runId: string, by: OrderedBy): Promise<PauseOutcome | null> {
    return this.setPaused(runId, false, by);
  }

  async pauseWorkflow(workflow: string, version: number | null, by: OrderedBy): Promise<boolean> {
    const statement = pauseWorkflow(this.schema, workflow, version, by, this.clock.fixed());
    return this.orderWorkflow('pause', statement, { workflow, version }, by);
  }

  async unpauseWorkflow(workflow: string, version: number | null, by: OrderedBy): Promise<boolean> {
    return this.orderWorkflow('unpause', unpauseWorkflow(this.schema, workflow, version), { workflow, version }, by);
  }

  async pauses(): Promise<readonly WorkflowPause[]> {
    return this.read<WorkflowPause>('list paused workflows', listPauses(this.schema));
  }

  async note(note: OperationNote): Promise<void> {
    // The id is made once: a repetition is refused as a duplicate, and never a second line.
    const statement = recordOperation(this.schema, { id: newId(), ...note }, this.clock.fixed());
    await this.read('write into the audit trail', statement).catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
    });
  }

  async operations(runId: string): Promise<readonly StoredOperation[]> {
    return this.read<StoredOperation>('read the audit trail of a run', listOperations(this.schema, runId));
  }

  /** What a retry would do, or why it cannot. */
  private async restartOf(order: OpenOrder, from: string | null): Promise<Restart | Exclude<RetryOutcome, MovedRow>> {
    const { status, cursor, canceling } = order.run;
    if (status !== 'failed' && status !== 'compensation_failed') return { outcome: 'not_failed', status };
    if (from === null && status === 'compensation_failed') return { cursor: null, archived: [] };
    const units = await this.unitsOf(order);
    const undone = units.filter((unit) => unit.undone);
    if (from === null) {
      if (undone.length > 0) return { outcome: 'undone', status, nodes: nodesOf(undone) };
      return { cursor: null, archived: [] };
    }
    if (canceling) return { outcome: 'canceling', status };
    const nodes = await this.nodesOf(order);
    const index = nodes.indexOf(from);
    if (index < 0) return { outcome: 'unknown_node', status, nodes };
    if (index > cursor) return { outcome: 'not_reached', status, nodes: nodes.slice(0, cursor + 1) };
    const again = new Set(nodes.slice(index));
    const builtUpon = nodesOf(undone).filter((node) => !again.has(node));
    if (builtUpon.length > 0) return { outcome: 'undone', status, nodes: builtUpon };
    const archived = units.filter(({ key, isRow }) => isRow && again.has(parseKey(key).node)).map(({ key }) => key);
    return { cursor: index, archived };
  }

  private async setPaused(runId: string, paused: boolean, by: OrderedBy): Promise<PauseOutcome | null> {
    return this.orders.give<PauseOutcome>('pause a run', runId, async ({ query, run, record }) => {
      const { status, queue, worker_id: worker } = run;
      if (isTerminal(status)) return { accepted: false, status, worker: null, queue };
      if (run.paused === paused) return { accepted: paused, status, worker, queue };
      await query(pauseRun(this.schema, run, paused, this.clock.fixed()));
      await record(paused ? 'pause' : 'unpause', by, { before: { paused: !paused }, after: { paused } });
      return { accepted: true, status, worker, queue };
    });
  }

  private async orderWorkflow(
    action: OperatorAction,
    change: SqlStatement,
    target: { readonly workflow: string; readonly version: number | null },
    by: OrderedBy,
  ): Promise<boolean> {
    const attempt = (): Promise<boolean> =>
      this.pool.transaction(async (query) => {
        const { rowCount } = await query(change);
        if (!rowCount) return false;
        const paused = action === 'pause';
        const operation = { id: newId(), runId: null, ...target, action, ...by };
        const record = { ...operation, before: { paused: !paused }, after: { paused } };
        await query(recordOperation(this.schema, record, this.clock.fixed()));
        return true;
      });
    return withRetry(`${action} a workflow`, attempt, { maxElapsedMs: MAX_ELAPSED_MS });
  }

  /** The names of the nodes of the plan that the run goes by; empty where that was never stored. */
  private async nodesOf({ query, run }: OpenOrder): Promise<readonly string[]> {
    const { workflow, version, plan_hash: hash } = run;
    const { rows } = await query<{ plan: string }>(findDefinitionByHash(this.schema, workflow, version, hash));
    return rows[0] ? (JSON.parse(rows[0].plan) as PlanJson).nodes.map(({ name }) => name) : [];
  }

  private async unitsOf({ query, run }: OpenOrder): Promise<readonly UnitRow[]> {
    return (await query<UnitRow>(listUnits(this.schema, run.id, run.retried_epoch))).rows;
  }

  private async read<R extends QueryResultRow>(operation: string, statement: SqlStatement): Promise<R[]> {
    const attempt = async (): Promise<R[]> => (await this.pool.query<R>(statement)).rows;
    return withRetry(operation, attempt, { maxElapsedMs: MAX_ELAPSED_MS });
  }
}

interface UnitRow {
  readonly key: string;
  /** Something of it was undone, or may have been. */
  readonly undone: boolean;
  /** It has a journal row. */
  readonly isRow: boolean;
}

function nodesOf(units: readonly UnitRow[]): string[] {
  return [...new Set(units.map(({ key }) => parseKey(key).node))];
}

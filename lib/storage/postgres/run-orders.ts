import { newId } from '../../common/ids.js';
import type { Clock } from '../../common/clock.js';
import type { OperatorAction, OrderedBy } from '../contract/run-repair.contract.js';
import type { Query } from './connection/engine-client.js';
import type { StatementRunner } from './connection/engine-pool.js';
import { withRetry } from './retry.js';
import { lockForOrder, type LockedRun } from './sql/order-run.sql.js';
import { readCursor } from './sql/run-progress.sql.js';
import { recordOperation } from './sql/record-operation.sql.js';
import type { ErrorClass } from './sqlstate.js';

/** A restarted server is back within a second or two; whoever waits for an answer is told before he gives up himself. */
export const MAX_ELAPSED_MS = 10_000;

/** What an order does with the run that it has locked. */
export interface OpenOrder {
  readonly query: Query;
  readonly run: LockedRun;
  /** The order's id in the audit trail. */
  readonly id: string;
  /** Writes the order's line in the audit trail. */
  readonly record: (
    action: OperatorAction,
    order: OrderedBy,
    change: { readonly before: object; readonly after: object },
  ) => Promise<void>;
}

/** Ends the transaction of an order that was only to be tried. */
class TakenBack extends Error {
  constructor(readonly outcome: unknown) {
    super('a dry run was taken back');
  }
}

/**
 * Gives orders to runs: each locks the run, decides on what it finds, and writes in the same transaction. Several to one
 * run follow each other.
 */
export class RunOrders {
  /** @param schema already quoted */
  constructor(
    private readonly pool: StatementRunner,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {}

  /**
   * @param operation what is to be done, as an error says it: `cancel a run`.
   * @param repeat `['conflict']` for an order that a repetition could report as refused although it counted.
   * @param dryRun decides, and takes everything back.
   * @returns what `decide` returned, or `null` when there is no such run.
   * @throws StoreUnavailableError after ten seconds without an answer.
   */
  give<T>(
    operation: string,
    runId: string,
    decide: (order: OpenOrder) => Promise<T>,
    repeat?: readonly ErrorClass[],
    dryRun = false,
  ): Promise<T | null> {
    const work = async (query: Query): Promise<T | null> => {
      const order = await this.open(query, runId);
      const outcome = order && (await decide(order));
      if (dryRun) throw new TakenBack(outcome);
      return outcome;
    };
    return this.within(operation, work, repeat).catch((error: unknown) => {
      if (error instanceof TakenBack) return error.outcome as T | null;
      throw error;
    });
  }

  /** Does something of an order in a transaction of its own; see {@link give}. */
  within<T>(operation: string, work: (query: Query) => Promise<T>, repeat?: readonly ErrorClass[]): Promise<T> {
    return withRetry(operation, () => this.pool.transaction(work), { maxElapsedMs: MAX_ELAPSED_MS, repeat });
  }

  /** Locks the run of an order in the transaction of `query`; `null` when there is no such run. */
  async open(query: Query, runId: string): Promise<OpenOrder | null> {
    const { rows } = await query<LockedRun>(lockForOrder(this.schema, runId));
    const [locked] = rows;
    if (!locked) return null;
    const run = locked.worker_id === null ? locked : { ...locked, cursor: await this.cursorOf(query, runId) };
    const id = newId();
    const { workflow, version } = run;
    return {
      query,
      run,
      id,
      record: async (action, { by, reason }, { before, after }) => {
        const operation = { id, runId: run.id, workflow, version, action, by, reason, before, after };
        await query(recordOperation(this.schema, operation, this.clock.fixed()));
      },
    };
  }

  private async cursorOf(query: Query, runId: string): Promise<number> {
    const { rows } = await query<{ readonly cursor: number }>(readCursor(this.schema, runId));
    return rows[0].cursor;
  }
}

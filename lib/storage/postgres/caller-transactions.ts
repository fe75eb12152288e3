import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { ManagerNotInTransactionError } from '../../errors/index.js';
import type { SqlStatement } from './sql/sql-statement.js';
import { withoutValues } from './without-values.js';

/** The transaction of a caller, as the engine's statements use it. */
export interface CallerTransaction {
  /** Runs a statement in it. Mind that the application's pool parses `json`. */
  query<Row>(statement: SqlStatement): Promise<readonly Row[]>;
  /** Runs `work` in a savepoint: what it throws takes back what it wrote, and the caller's transaction can go on. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  /** Calls `listener` once the transaction has committed. */
  onCommitted(listener: () => void): void;
}

/**
 * Takes part in transactions of the application, and hears when one of these has committed.
 *
 * A NOTIFY inside the application's transaction would take a lock of the whole server at its commit, so TypeORM's own
 * commit event is used instead. A transaction that is committed by hand-written SQL is not heard; polling finds its work.
 */
export class CallerTransactions {
  private readonly listeners = new WeakMap<QueryRunner, (() => void)[]>();

  constructor(dataSource: DataSource) {
    const subscriber: EntitySubscriberInterface = {
      // Also called when a savepoint is released: then it is a wake-up too early, which is harmless, so none is removed.
      afterTransactionCommit: ({ queryRunner }) => this.listeners.get(queryRunner)?.forEach((notify) => notify()),
    };
    dataSource.subscribers.push(subscriber);
  }

  /** @throws ManagerNotInTransactionError when the manager is not that of a transaction which has begun. */
  of(manager: EntityManager, method: string): CallerTransaction {
    const runner = manager.queryRunner;
    if (!runner?.isTransactionActive) throw new ManagerNotInTransactionError(method);
    return {
      query: <Row>(statement: SqlStatement) => query<Row>(runner, statement),
      atomically: (work) => atomically(runner, work),
      onCommitted: (listener) => this.listeners.set(runner, [...(this.listeners.get(runner) ?? []), listener]),
    };
  }
}

/** The part of node-postgres' client that TypeORM hands out. */
interface RawClient {
  query(text: string, values: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

/** Not through TypeORM's `query`: its logger shows parameters, and so do its errors, and these are payloads. */
async function query<Row>(runner: QueryRunner, { text, values }: SqlStatement): Promise<readonly Row[]> {
  try {
    return (await ((await runner.connect()) as RawClient).query(text, [...values])).rows as Row[];
  } catch (error) {
    throw withoutValues(error);
  }
}

const SAVEPOINT = 'nest_durable';

async function atomically<T>(runner: QueryRunner, work: () => Promise<T>): Promise<T> {
  await runner.query(`savepoint ${SAVEPOINT}`);
  try {
    const result = await work();
    await runner.query(`release savepoint ${SAVEPOINT}`);
    return result;
  } catch (error) {
    // When this fails too, the connection is gone, and with it everything that was written.
    await runner.query(`rollback to savepoint ${SAVEPOINT}`).catch(() => undefined);
    throw error;
  }
}

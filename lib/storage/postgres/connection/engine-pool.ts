import type { QueryResult, QueryResultRow } from 'pg';
import type { SqlStatement } from '../sql/sql-statement.js';
import { EngineClient, type EngineClientOptions, type Query } from './engine-client.js';
import type { EngineConnectionConfig } from './engine-connection-config.js';

/** One for starts and claims, one so that a long purge or an operator's question does not hold them up. */
const POOL_SIZE = 2;

/**
 * A connection whose statement has taken this long is passed over while there is another: it may be a start that waits for
 * somebody's open transaction with the same idempotency key, and claims must not wait with it. Statements that wait for
 * nothing are done long before; too short a time only spreads them less evenly.
 */
const STUCK_MS = 50;
/** More statements than ever wait for one connection. */
const STUCK_LOAD = 1_000_000;

/**
 * A few connections of the engine for statements that may run beside each other: starts, claims and operators' orders.
 *
 * Statements go to the connection with the fewest under way, rather not to one that is stuck, so two statements have no order between them. Connections
 * are opened when they are first needed. `close` may be called at any time and twice.
 */
export class EnginePool {
  private readonly clients: readonly EngineClient[];

  constructor(config: EngineConnectionConfig, options: EngineClientOptions, size: number = POOL_SIZE) {
    this.clients = Array.from(
      { length: size },
      (_, index) => new EngineClient(config, { ...options, role: `${options.role}-${index}` }),
    );
  }

  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    return this.leastBusy().query<R>(statement);
  }

  /** See {@link EngineClient.transaction}. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.leastBusy().transaction(work);
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private leastBusy(): EngineClient {
    return this.clients.reduce((best, client) => (rank(client) < rank(best) ? client : best));
  }
}

/** Less is better. */
function rank({ load, busyMs }: EngineClient): number {
  return busyMs > STUCK_MS ? load + STUCK_LOAD : load;
}

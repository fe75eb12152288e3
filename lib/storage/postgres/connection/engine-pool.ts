import type { QueryResult, QueryResultRow } from 'pg';
import type { SqlStatement } from '../sql/sql-statement.js';
import { EngineClient, type EngineClientOptions, type Query } from './engine-client.js';
import type { EngineConnectionConfig } from './engine-connection-config.js';

/** One for starts and claims, one so that a long purge or an operator's question does not hold them up. */
const POOL_SIZE = 2;

/**
 * A few connections of the engine for statements that may run beside each other: starts, claims and operators' orders.
 *
 * Statements go to the connection with the fewest under way, so two statements have no order between them. Connections
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
    return this.clients.reduce((best, client) => (client.load < best.load ? client : best));
  }
}

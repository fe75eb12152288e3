import type { Notification, QueryResult, QueryResultRow } from 'pg';
import type { SqlStatement } from '../sql/sql-statement.js';
import { EngineClient, type EngineClientOptions, type Query } from './engine-client.js';
import type { EngineConnectionConfig } from './engine-connection-config.js';

/** Runs one statement on a connection that is being prepared. */
export type PrepareQuery = <R extends QueryResultRow = QueryResultRow>(
  text: string,
  values: unknown[],
) => Promise<QueryResult<R>>;
type Preparation = (query: PrepareQuery) => Promise<void>;

/**
 * The one connection that holds session state: a worker's advisory lock and the process's LISTEN. Whoever owns such
 * state registers how it is restored, and every new connection runs all of it before its first statement. A lost
 * connection is replaced at once, before others make anything of the state that went with it.
 */
export class ControlConnection {
  private readonly client: EngineClient;
  private readonly preparations: Preparation[] = [];
  private readonly listeners: ((notification: Notification) => void)[] = [];

  constructor(config: EngineConnectionConfig, options: Pick<EngineClientOptions, 'statementTimeoutMs' | 'spares'>) {
    this.client = new EngineClient(config, {
      ...options,
      role: 'control',
      onNotification: (notification) => this.listeners.forEach((listener) => listener(notification)),
      onConnect: async (client) => {
        for (const prepare of this.preparations) await prepare((text, values) => client.query(text, values));
      },
      onDisconnect: () => this.reconnect(),
    });
  }

  onConnect(preparation: Preparation): void {
    this.preparations.push(preparation);
  }

  onNotification(listener: (notification: Notification) => void): void {
    this.listeners.push(listener);
  }

  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    return this.client.query<R>(statement);
  }

  /** See {@link EngineClient.transaction}. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.client.transaction(work);
  }

  get isConnected(): boolean {
    return this.client.isConnected;
  }

  close(): Promise<void> {
    return this.client.close();
  }
  /** Once: while the database is away, whoever needs the connection tries again. */
  private reconnect(): void {
    this.client.query({ text: 'select 1', values: [] }).catch(() => undefined);
  }
}

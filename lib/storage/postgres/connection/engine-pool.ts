import type { QueryResult, QueryResultRow } from 'pg';
import { Deferred } from '../../../common/deferred.js';
import { settledWithin } from '../../../common/settled-within.js';
import type { SqlStatement } from '../sql/sql-statement.js';
import { EngineClient, type EngineClientOptions, type Query } from './engine-client.js';
import type { EngineConnectionConfig } from './engine-connection-config.js';

/**
 * Two for what may wait for somebody's open transaction, as a start does with an idempotency key that is being written there:
 * two batches of starts are in flight at a time. The third for claims, which must not wait with them; it is hardly ever opened.
 */
const POOL_SIZE = 3;

/**
 * How long a statement waits for a connection before one more is opened. What is done in a moment needs no second one, which
 * would stay open; opening one takes as long.
 */
const GROW_AFTER_MS = 20;

/** What close() waits for statements that have no connection yet. */
const CLOSE_GRACE_MS = 1_000;

/**
 * A few connections of the engine for statements that may run beside each other: starts, claims and operators' orders.
 *
 * A statement goes to a connection that is free, and else waits for the first that is, so that none stands behind one that
 * takes long while another connection is idle. Two statements have no order between them. `close` may be called at any time
 * and twice.
 */
export class EnginePool {
  private readonly clients: readonly EngineClient[];
  private readonly unused: EngineClient[];
  private readonly free: EngineClient[] = [];
  private readonly waiting: Deferred<EngineClient>[] = [];

  constructor(config: EngineConnectionConfig, options: EngineClientOptions, size: number = POOL_SIZE) {
    this.clients = Array.from(
      { length: size },
      (_, index) => new EngineClient(config, { ...options, role: `${options.role}-${index}` }),
    );
    this.unused = this.clients.toReversed();
  }

  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    return this.withClient((client) => client.query<R>(statement));
  }

  /** See {@link EngineClient.transaction}. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.withClient((client) => client.transaction(work));
  }

  /** Statements that wait for a connection longer than a moment are refused. */
  async close(): Promise<void> {
    await settledWithin(this.waiting.at(-1)?.promise ?? Promise.resolve(), CLOSE_GRACE_MS);
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private async withClient<T>(work: (client: EngineClient) => Promise<T>): Promise<T> {
    const client = this.free.pop() ?? (await this.nextFree());
    try {
      return await work(client);
    } finally {
      const next = this.waiting.shift();
      if (next) next.resolve(client);
      else this.free.push(client);
    }
  }

  private async nextFree(): Promise<EngineClient> {
    if (this.unused.length === this.clients.length) return this.unused.pop()!;
    const turn = new Deferred<EngineClient>();
    this.waiting.push(turn);
    if (this.unused.length === 0) return turn.promise;
    const timer = setTimeout(() => this.growFor(turn), GROW_AFTER_MS);
    try {
      return await turn.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  private growFor(turn: Deferred<EngineClient>): void {
    const client = this.unused.pop();
    if (!client) return;
    this.waiting.splice(this.waiting.indexOf(turn), 1);
    turn.resolve(client);
  }
}

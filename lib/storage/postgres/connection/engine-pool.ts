import type { QueryResult, QueryResultRow } from 'pg';
import { Deferred } from '../../../common/deferred.js';
import { settledWithin } from '../../../common/settled-within.js';
import type { SqlStatement } from '../sql/sql-statement.js';
import { EngineClient, type EngineClientOptions, type Query } from './engine-client.js';
import type { EngineConnectionConfig } from './engine-connection-config.js';

/** Starts are written in two batches at a time, and both may wait; the third is for claims. More than one is hardly ever opened. */
const POOL_SIZE = 3;

/**
 * How long a statement waits for a connection before one more is opened. What is done in a moment needs no second one, which
 * would stay open; opening one takes as long.
 */
const GROW_AFTER_MS = 20;

/** What close() waits for statements that have no connection yet. */
const CLOSE_GRACE_MS = 1_000;

/** Where statements are sent that need no connection of their own. */
export interface StatementRunner {
  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>>;
  /** See {@link EngineClient.transaction}. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
}

/** A statement that has no connection yet. */
interface Turn {
  readonly mayWait: boolean;
  readonly client: Deferred<EngineClient>;
}

/**
 * A few connections of the engine for statements that may run beside each other: starts, claims, signals, orders.
 *
 * A statement goes to a connection that is free, and else waits for the first that is, so that none stands behind one that
 * takes long while another connection is idle. Two statements have no order between them. `close` may be called at any time
 * and twice.
 */
export class EnginePool implements StatementRunner {
  /**
   * For statements that may wait for somebody's open transaction: a start for the same idempotency key, a signal for a row
   * that is locked. They leave one connection to all others.
   */
  readonly patient: StatementRunner = {
    query: (statement) => this.withClient(true, (client) => client.query(statement)),
    transaction: (work) => this.withClient(true, (client) => client.transaction(work)),
  };
  private readonly clients: readonly EngineClient[];
  private readonly unused: EngineClient[];
  private readonly free: EngineClient[] = [];
  private readonly waiting: Turn[] = [];
  /** Connections that are in use for statements that may wait. */
  private patients = 0;

  constructor(config: EngineConnectionConfig, options: EngineClientOptions, size: number = POOL_SIZE) {
    this.clients = Array.from(
      { length: size },
      (_, index) => new EngineClient(config, { ...options, role: `${options.role}-${index}` }),
    );
    this.unused = this.clients.toReversed();
  }

  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    return this.withClient(false, (client) => client.query<R>(statement));
  }

  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.withClient(false, (client) => client.transaction(work));
  }

  /** Statements that wait for a connection longer than a moment are refused. */
  async close(): Promise<void> {
    const last = this.waiting.at(-1);
    if (last) await settledWithin(last.client.promise, CLOSE_GRACE_MS);
    await Promise.all(this.clients.map((client) => client.close()));
  }

  private async withClient<T>(mayWait: boolean, work: (client: EngineClient) => Promise<T>): Promise<T> {
    const client = this.takeFree(mayWait) ?? (await this.nextFree(mayWait));
    try {
      return await work(client);
    } finally {
      if (mayWait) this.patients -= 1;
      this.free.push(client);
      this.serve();
    }
  }

  private mayBegin(mayWait: boolean): boolean {
    return !mayWait || this.patients < Math.max(1, this.clients.length - 1);
  }

  private takeFree(mayWait: boolean): EngineClient | undefined {
    if (!this.mayBegin(mayWait)) return undefined;
    const isFirst = this.unused.length === this.clients.length;
    const client = this.free.pop() ?? (isFirst ? this.unused.pop() : undefined);
    if (client && mayWait) this.patients += 1;
    return client;
  }

  private async nextFree(mayWait: boolean): Promise<EngineClient> {
    const turn = { mayWait, client: new Deferred<EngineClient>() };
    this.waiting.push(turn);
    if (this.unused.length === 0) return turn.client.promise;
    const timer = setTimeout(() => this.grow(), GROW_AFTER_MS);
    try {
      return await turn.client.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  private grow(): void {
    const needed = this.free.length === 0 && this.waiting.some(({ mayWait }) => this.mayBegin(mayWait));
    const client = needed ? this.unused.pop() : undefined;
    if (client) this.free.push(client);
    this.serve();
  }

  private serve(): void {
    while (this.free.length > 0) {
      const at = this.waiting.findIndex(({ mayWait }) => this.mayBegin(mayWait));
      if (at < 0) return;
      const [turn] = this.waiting.splice(at, 1);
      turn.client.resolve(this.takeFree(turn.mayWait)!);
    }
  }
}

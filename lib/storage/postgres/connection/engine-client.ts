import type { Duplex } from 'node:stream';
import type { Client, Notification, QueryResult, QueryResultRow } from 'pg';
import { settledWithin } from '../../../common/settled-within.js';
import type { SqlStatement } from '../sql/sql-statement.js';
import { breaksConnection } from '../sqlstate.js';
import { withoutValues } from '../without-values.js';
import type { EngineConnectionConfig } from './engine-connection-config.js';
import { newConnection, type EngineConnection } from './engine-connection.js';
import type { SpareConnections } from './spare-connections.js';

/** Runs one statement on the connection of a transaction. */
export type Query = <R extends QueryResultRow = QueryResultRow>(statement: SqlStatement) => Promise<QueryResult<R>>;

export interface EngineClientOptions {
  /** What the connection is for; operators see `nest-durable:<role>` in `pg_stat_activity`. */
  readonly role: string;
  /** The server gives a statement up after this many milliseconds. */
  readonly statementTimeoutMs: number;
  /**
   * `generic` plans a prepared statement once, for whatever parameters follow; `auto` leaves it to the server, which plans
   * the first executions, and those of one row for ever, anew: for a checkpoint of one run that takes as long as running it.
   *
   * @default 'generic'
   */
  readonly plans?: 'generic' | 'auto';
  /** Called for every NOTIFY on a channel that this connection listens to. */
  readonly onNotification?: (notification: Notification) => void;
  /** Prepares a new connection (LISTEN, a session lock) before the first query uses it; a failure discards it. */
  readonly onConnect?: (client: Client) => Promise<void>;
  /** Called when a connection that was ready is lost, not when it is closed. Must not throw. */
  readonly onDisconnect?: () => void;
  /** Where a connection may be waiting that nobody needs any more. */
  readonly spares?: SpareConnections;
}

/**
 * How much later than the server the client gives up. The server answers first whenever it can be reached, so that the
 * outcome is known; below a second, a garbage collection in this process would pass for a dead server.
 */
const CLIENT_SLACK_MS = 2_000;

/** What close() waits for queries in progress and for the server's goodbye; then the socket is cut. */
const CLOSE_GRACE_MS = 1_000;

/**
 * One connection of the engine that survives everything that happens to the database.
 *
 * It guarantees: statements run one at a time, in the order of the calls; a statement runs at most once (it is never
 * repeated here); a lost connection fails the statement in flight and no other, and the next one connects again; no
 * error ever reaches the process as an unhandled event.
 *
 * States: `idle` (no connection) → `connecting` (at the next statement) → `ready` → `idle` (the connection broke) …,
 * and from each of them → `closed`, for good. Failing to connect fails that statement and returns to `idle`.
 */
export class EngineClient {
  private connection: EngineConnection | null = null;
  private connecting: Duplex | null = null;
  private connections = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly config: EngineConnectionConfig,
    private readonly options: EngineClientOptions,
  ) {}

  /** Rises with every new connection: session state taken in an earlier generation is gone. 0 before the first. */
  get generation(): number {
    return this.connections;
  }

  get isConnected(): boolean {
    return this.connection !== null;
  }

  /**
   * Runs a statement after all earlier ones. The result of `json` columns is text.
   *
   * @throws the driver's error; `classify` of sqlstate.ts says what to do about it.
   */
  query<R extends QueryResultRow = QueryResultRow>(statement: SqlStatement): Promise<QueryResult<R>> {
    return this.inTurn(async (connection) => this.execute<R>(connection, statement));
  }

  /**
   * Runs `work` in one transaction on one connection, with nothing between its statements.
   *
   * @throws Error when COMMIT did not commit: an aborted transaction answers it with ROLLBACK, and without an error.
   */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.inTurn(async (connection) => {
      const query: Query = (statement) => this.execute(connection, statement);
      await query({ text: 'begin', values: [] });
      try {
        const result = await work(query);
        const { command } = await query({ text: 'commit', values: [] });
        if (command !== 'COMMIT')
          throw new Error(`the transaction was not committed: the database answered ${command}`);
        return result;
      } catch (error) {
        if (this.connection === connection)
          await query({ text: 'rollback', values: [] }).catch(() => this.drop(connection));
        throw error;
      }
    });
  }

  /** Refuses new statements, gives those under way a moment, and disconnects. May be called at any time and twice. */
  close(): Promise<void> {
    this.closing ??= this.disconnect();
    return this.closing;
  }

  /** Like `close`, but leaves the connection to others. */
  release(spares: SpareConnections): Promise<void> {
    this.closing ??= this.disconnect((connection) => {
      this.connection = null;
      return spares.keep(connection);
    });
    return this.closing;
  }

  private inTurn<T>(work: (connection: EngineConnection) => Promise<T>): Promise<T> {
    if (this.closing) return Promise.reject(this.closedError());
    const turn = this.tail.then(async () => work(this.connection ?? (await this.connect())));
    this.tail = turn.then(noop, noop);
    return turn;
  }

  private async execute<R extends QueryResultRow>(
    connection: EngineConnection,
    statement: SqlStatement,
  ): Promise<QueryResult<R>> {
    if (this.connection !== connection) throw new Error('Connection terminated unexpectedly');
    try {
      // The driver takes `query_timeout` for one query too, which its types do not say.
      const config = { ...statement, values: [...statement.values], query_timeout: this.queryTimeoutMs };
      return await connection.client.query<R>(config);
    } catch (error) {
      if (breaksConnection(error)) this.drop(connection);
      throw withoutValues(error);
    }
  }

  /** A spare one that broke meanwhile is no reason to fail. */
  private async connect(): Promise<EngineConnection> {
    if (this.closed) throw this.closedError();
    const spare = this.options.spares?.take();
    if (spare) {
      const taken = await this.prepare(spare, () => Promise.resolve()).catch(() => null);
      if (taken) return taken;
      if (this.closed) throw this.closedError();
    }
    const fresh = newConnection(this.config);
    return this.prepare(fresh, () => fresh.client.connect());
  }

  private async prepare(connection: EngineConnection, dial: () => Promise<unknown>): Promise<EngineConnection> {
    const { client, socket } = connection;
    this.connecting = socket;
    // A connection that breaks while nothing runs on it reports that as an event, which kills the process unheard.
    client.on('error', () => this.drop(connection));
    client.on('end', () => this.drop(connection));
    client.on('notification', (notification) => this.options.onNotification?.(notification));
    try {
      await dial();
      this.connections += 1;
      await client.query({ text: this.sessionSettings(), query_timeout: this.queryTimeoutMs } as { text: string });
      await this.options.onConnect?.(client);
      if (socket.destroyed) throw new Error('Connection terminated unexpectedly');
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      this.connecting = null;
    }
    this.connection = connection;
    return connection;
  }

  /**
   * Sent as a statement and not as parameters of the connection, which poolers refuse and a URL would override.
   * READ COMMITTED is what the fence is built on; ISO is what times are parsed from; compiling a statement that runs for
   * a millisecond (jit) takes longer than running it. No statement wants a table from end to end, but a plan made while
   * the tables are still small would do that, and is kept while they grow.
   */
  private sessionSettings(): string {
    const timeout = Math.ceil(this.options.statementTimeoutMs);
    const role = this.options.role.replace(/[^\w.:-]/g, '_');
    return `select set_config('application_name', 'nest-durable:${role}', false),
      set_config('statement_timeout', '${timeout}', false),
      set_config('lock_timeout', '0', false),
      set_config('idle_in_transaction_session_timeout', '${timeout}', false),
      set_config('default_transaction_isolation', 'read committed', false),
      set_config('DateStyle', 'ISO, YMD', false),
      set_config('jit', 'off', false),
      set_config('enable_seqscan', 'off', false),
      set_config('plan_cache_mode', '${this.options.plans === 'auto' ? 'auto' : 'force_generic_plan'}', false)`;
  }

  private get queryTimeoutMs(): number {
    return this.options.statementTimeoutMs + CLIENT_SLACK_MS;
  }

  private drop(connection: EngineConnection): void {
    connection.socket.destroy();
    if (this.connection !== connection) return;
    this.connection = null;
    if (!this.closing) this.options.onDisconnect?.();
  }

  private async disconnect(keep?: (connection: EngineConnection) => Promise<void>): Promise<void> {
    const isIdle = await settledWithin(this.tail, CLOSE_GRACE_MS);
    this.closed = true;
    this.connecting?.destroy();
    const connection = this.connection;
    if (!connection) return;
    if (keep && isIdle) return keep(connection);
    await settledWithin(connection.client.end(), CLOSE_GRACE_MS);
    this.drop(connection);
  }

  private closedError(): Error {
    return new Error(`the engine's connection "${this.options.role}" is closed`);
  }
}

function noop(): void {}

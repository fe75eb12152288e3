import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { settledWithin } from '../../common/settled-within.js';
import { unlessAborted } from '../../common/unless-aborted.js';
import type { IsolationLevel } from '../../definition/plan.js';
import type { SqlStatement } from './sql/sql-statement.js';

/** The part of node-postgres' client that TypeORM hands out. */
interface RawClient {
  /** False while a statement is under way or waits. */
  readonly readyForQuery?: boolean;
  query(text: string, values?: unknown[]): Promise<{ command: string; rows: unknown[] }>;
  /** Closes the connection, at once when a statement is still running. Resolves when it is closed. */
  end(): Promise<void>;
  on(event: 'drain' | 'end' | 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'drain' | 'end' | 'error', listener: (error: Error) => void): unknown;
}

/** What TypeORM's query runner for PostgreSQL is beside its interface. */
type PooledRunner = Omit<QueryRunner, 'isReleased'> & {
  isReleased: boolean;
  readonly driver: { readonly connectedQueryRunners: PooledRunner[] };
};

type TransactionEvent = 'AfterTransactionCommit' | 'BeforeTransactionRollback' | 'AfterTransactionRollback';

/**
 * What the statements that a failed step left running may take before they are broken off. The rest of a `Promise.all` is
 * back within milliseconds; what is not may be waiting for a lock for ever.
 */
const LEFT_OVER_MS = 100;
/** What a rollback, the end of a backend and that of a connection may take each: a server that can be reached answers. */
const ENDING_MS = 500;

/**
 * One transaction on a connection of the application's pool, as the step has it through its manager and the engine beside
 * that.
 *
 * States: begun → sealed (the step is over: what it left running cannot write any more, least of all behind the end of the
 * transaction, where it would commit by itself) → committed or rolled back → closed. The connection goes back to the pool,
 * unless it may still be busy: then it is ended, at the server too.
 */
export class StepTransaction {
  private readonly client: RawClient;
  private readonly pid: number;
  /** `now()` is the start of the transaction, to the microsecond: two transactions of one connection never share it. */
  readonly began: string;
  private broken: Error | null = null;
  private ended = false;
  private sealed = false;
  private committed = false;

  private constructor(
    private readonly runner: PooledRunner,
    { client, pid, began }: { client: RawClient; pid: number; began: string },
    private readonly terminate: (pid: number) => Promise<unknown>,
  ) {
    this.client = client;
    this.pid = pid;
    this.began = began;
    client.on('error', this.onError);
    client.on('end', this.onEnd);
  }

  /**
   * Waits for a connection and begins. A connection that comes after `signal` was aborted goes straight back.
   *
   * @param terminate ends a backend of the server.
   * @throws the reason of `signal`.
   */
  static async begin(
    dataSource: DataSource,
    { isolation, signal }: { readonly isolation: IsolationLevel; readonly signal: AbortSignal },
    terminate: (pid: number) => Promise<unknown>,
  ): Promise<StepTransaction> {
    const runner = dataSource.createQueryRunner() as unknown as PooledRunner;
    const connecting = runner.connect() as Promise<RawClient>;
    let client: RawClient | null = null;
    try {
      client = await unlessAborted(connecting, signal);
      await unlessAborted(runner.startTransaction(isolation), signal);
      const { rows } = await unlessAborted(
        client.query('select now()::text as began, pg_backend_pid() as pid'),
        signal,
      );
      return new StepTransaction(runner, { client, ...(rows[0] as { began: string; pid: number }) }, terminate);
    } catch (error) {
      client?.end().catch(noop);
      connecting.then(() => runner.release()).catch(noop);
      throw error;
    }
  }

  get manager(): EntityManager {
    return this.runner.manager;
  }

  /** The step released the connection, or that broke while nothing ran on it, which {@link error} tells then. */
  get isReleased(): boolean {
    return this.runner.isReleased && !this.sealed;
  }

  get error(): Error | null {
    return this.broken;
  }

  /** A statement of the engine. Not behind the end of the transaction, for which an abandoned one may come too late. */
  async query({ text, values }: SqlStatement): Promise<readonly unknown[]> {
    if (this.sealed) throw new Error('The transaction is over.');
    return (await this.client.query(text, [...values])).rows;
  }

  /** The last moment of the application's subscribers before the commit, and of the step's manager. */
  async beforeCommit(): Promise<void> {
    await this.runner.broadcaster.broadcast('BeforeTransactionCommit');
    await this.seal();
  }

  /** @returns the command tag: COMMIT of an aborted transaction resolves without an error, and only its tag tells. */
  async commit(): Promise<string> {
    return (await this.client.query('COMMIT')).command;
  }

  /** It has committed, whether or not the connection is still there. */
  async afterCommit(): Promise<void> {
    this.committed = true;
    this.unseal();
    await this.broadcast('AfterTransactionCommit');
  }

  /** Rolls back what was not committed, and gives the connection back. Never rejects. */
  async close(): Promise<void> {
    if (!this.committed && !this.isReleased) await this.rollBack();
    this.client.removeListener('error', this.onError);
    this.client.removeListener('end', this.onEnd);
    this.unseal();
    await this.runner.release().catch(noop);
  }

  /** Ends the connection, at the server first: a client that is cut off from it cannot tell it anything. */
  async breakOff(): Promise<void> {
    await settledWithin(this.terminate(this.pid), ENDING_MS);
    await settledWithin(this.client.end(), ENDING_MS);
  }

  /** By hand, because the query runner would only go back to the savepoint that an abandoned step is in. */
  private async rollBack(): Promise<void> {
    await this.broadcast('BeforeTransactionRollback');
    await this.seal();
    if (this.ended || this.broken) return void this.client.end().catch(noop);
    const rolledBack = (await this.isIdleWithin(LEFT_OVER_MS)) && (await succeedsWithin(this.client.query('ROLLBACK')));
    await (rolledBack ? this.broadcast('AfterTransactionRollback') : this.breakOff());
  }

  /**
   * What looked at the query runner just before has its statement on the connection after a turn, in the transaction.
   *
   * A DataSource that is destroyed releases its query runners until it knows of none: one that says that it is released and that
   * it knows of would keep it at that for ever, and the process with it. It waits for this one's connection in its pool.
   */
  private async seal(): Promise<void> {
    const { runner } = this;
    if (runner.isReleased) return;
    this.sealed = true;
    runner.isReleased = true;
    const { connectedQueryRunners: known } = runner.driver;
    const place = known.indexOf(runner);
    if (place !== -1) known.splice(place, 1);
    await nextTurn();
  }

  private unseal(): void {
    if (!this.sealed) return;
    this.sealed = false;
    this.runner.isReleased = false;
    this.runner.driver.connectedQueryRunners.push(this.runner);
  }

  private async isIdleWithin(ms: number): Promise<boolean> {
    const { client } = this;
    if (client.readyForQuery !== false) return true;
    let onDrain!: () => void;
    const drained = new Promise<void>((resolve) => {
      onDrain = resolve;
      client.on('drain', onDrain);
    });
    const idle = await settledWithin(drained, ms);
    client.removeListener('drain', onDrain);
    return idle;
  }

  private readonly onError = (error: Error): void => {
    this.broken ??= error;
  };

  private readonly onEnd = (): void => {
    this.ended = true;
  };

  /** What the application's subscribers throw when the transaction has ended does not change how it ended. */
  private async broadcast(event: TransactionEvent): Promise<void> {
    await this.runner.broadcaster.broadcast(event).catch(noop);
  }
}

async function succeedsWithin(work: Promise<unknown>): Promise<boolean> {
  const succeeded = work.then(
    () => true,
    () => false,
  );
  return (await settledWithin(succeeded, ENDING_MS)) && succeeded;
}

function noop(): void {}

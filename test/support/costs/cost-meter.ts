import { jest } from '@jest/globals';
import { Client } from 'pg';
import { startLocalPostgres, type LocalPostgres } from '../../../sample-app/local-postgres.mjs';

/** Nothing but the statements under test writes to the log, and a page is never written as a whole. */
const QUIET = { autovacuum: 'off', full_page_writes: 'off', checkpoint_timeout: '1h', max_wal_size: '4GB' };

/** What goes on in every worker all the time, whatever its runs do. */
const ROUNDS = ['list-suspects', 'reclaim-orphans', 'renew-worker', 'release-stopped', 'notify'];

/** What had been spent at a moment. */
export interface Reading {
  /** Bytes of the server's write-ahead log. */
  readonly wal: number;
  /** Statements and transactions' ends that the engine has sent. */
  readonly statements: number;
  /** Milliseconds of CPU time of this process. */
  readonly cpu: number;
}

/** A PostgreSQL of its own, and meters of what the engine costs it and this process. */
export class CostMeter {
  private statements = 0;
  private readonly spy: { mockRestore(): void };

  private constructor(
    private readonly server: LocalPostgres,
    private readonly client: Client,
  ) {
    const count = (first: unknown): void => {
      const { name } = (typeof first === 'object' && first !== null ? first : {}) as { name?: string };
      if (name === undefined || !ROUNDS.includes(name)) this.statements++;
    };
    const { query } = Client.prototype as { query: (...args: unknown[]) => unknown };
    this.spy = jest.spyOn(Client.prototype, 'query').mockImplementation(function (this: Client, ...args: unknown[]) {
      if (this !== client) count(args[0]);
      return query.apply(this, args) as never;
    });
  }

  static async start(): Promise<CostMeter> {
    const server = await startLocalPostgres({ settings: QUIET });
    const client = new Client({ connectionString: server.url });
    await client.connect();
    return new CostMeter(server, client);
  }

  get url(): string {
    return this.server.url;
  }

  async read(): Promise<Reading> {
    const text = `select (pg_current_wal_insert_lsn() - '0/0')::float8 as wal`;
    const { rows } = await this.client.query<{ wal: number }>(text);
    const { user, system } = process.cpuUsage();
    return { wal: rows[0].wal, statements: this.statements, cpu: (user + system) / 1_000 };
  }

  async stop(): Promise<void> {
    this.spy.mockRestore();
    await this.client.end();
    await this.server.stop();
  }
}

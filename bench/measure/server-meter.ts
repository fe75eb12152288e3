import { Client } from 'pg';
import { parentOfBackend, serverCpuMs } from './postgres-cpu.js';

/** What a server has done since it started. */
export interface ServerReading {
  /** Transactions that wrote something. */
  readonly commits: number;
  /** Statements executed in this database, by pg_stat_statements; null without it. */
  readonly statements: number | null;
  readonly walBytes: number;
  /** All of its processes; null where they run on another machine. */
  readonly cpuMs: number | null;
}

const READING = `
select pg_snapshot_xmax(pg_current_snapshot())::text as commits,
  (pg_current_wal_insert_lsn() - '0/0')::text as "walBytes"`;
const STATEMENTS = `
  (select sum(calls)::text from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())) as statements`;

/**
 * Reads what one database and its server have done.
 *
 * Commits are counted by the server's transaction ids, of which only transactions that write take one: exact at once, where
 * the counters of pg_stat_database lag behind by seconds. They, WAL and CPU time are the whole server's, so nobody else
 * should use it.
 *
 * Lifecycle: `open` → `read` any number of times → `close`.
 */
export class ServerMeter {
  private constructor(
    private readonly client: Client,
    private readonly query: string,
    private readonly postmaster: number | null,
  ) {}

  static async open(url: string): Promise<ServerMeter> {
    const client = new Client({ connectionString: url });
    // The server may end first.
    client.on('error', () => {});
    await client.connect();
    const query = (await canSeeStatements(client)) ? `${READING}, ${STATEMENTS}` : READING;
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return new ServerMeter(client, query, await parentOfBackend(rows[0].pid));
  }

  async read(): Promise<ServerReading> {
    const { rows } = await this.client.query<{ commits: string; walBytes: string; statements?: string }>(this.query);
    const { commits, walBytes, statements } = rows[0];
    return {
      commits: Number(commits),
      walBytes: Number(walBytes),
      statements: statements === undefined ? null : Number(statements),
      cpuMs: this.postmaster === null ? null : await serverCpuMs(this.postmaster),
    };
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

/** It takes the extension in this database, its library in the server, and a user who may create and read it. */
async function canSeeStatements(client: Client): Promise<boolean> {
  try {
    await client.query('create extension if not exists pg_stat_statements');
    await client.query(`select ${STATEMENTS}`);
    return true;
  } catch {
    return false;
  }
}

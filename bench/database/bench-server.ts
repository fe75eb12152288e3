import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startLocalPostgres, type LocalPostgres } from '../../sample-app/local-postgres.mjs';

export interface BenchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

const SETTINGS = [
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
];
/** What `statfs` says of a folder that is kept in memory. */
const TMPFS = 0x01021994;

/**
 * The server that everything is measured on: that of `DATABASE_URL`, else a durable one that ends with this process.
 *
 * Lifecycle: `start` → `createDatabase` any number of times → `stop`, which leaves nothing behind.
 */
export class BenchServer {
  private readonly databases = new Set<BenchDatabase>();
  private stopping: Promise<void> | null = null;

  private constructor(
    private readonly url: string,
    /** Where it is, for people. */
    readonly place: string,
    /** Server settings that decide what a commit costs. */
    readonly settings: Readonly<Record<string, string>>,
    /** Why the figures mean little, if they do. */
    readonly warnings: readonly string[],
    private readonly end: () => Promise<void>,
  ) {}

  static async start(): Promise<BenchServer> {
    const given = process.env.DATABASE_URL;
    if (given) return BenchServer.on(given, 'the server of DATABASE_URL', []);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'nest-durable-bench-'));
    const server = await startDurable(folder);
    // The server's own account may not reach the temporary folder; then its files are elsewhere.
    const home = path.dirname(server.dataDir);
    const stop = async (): Promise<void> => {
      await server.stop();
      await Promise.all([...new Set([home, folder])].map((each) => rm(each, { recursive: true, force: true })));
    };
    try {
      const inMemory = (await statfs(home)).type === TMPFS;
      const warnings = inMemory ? [`${home} is kept in memory: commits cost nothing there`] : [];
      return await BenchServer.on(server.url, 'a new server on a folder of its own', warnings, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  private static async on(
    url: string,
    place: string,
    warnings: readonly string[],
    end: () => Promise<void> = async () => {},
  ): Promise<BenchServer> {
    const settings = await withClient(url, readSettings);
    const unsafe = ['fsync', 'synchronous_commit', 'full_page_writes'].filter((name) => settings[name] === 'off');
    const risks = unsafe.map((name) => `${name} is off on this server: it can lose what it committed`);
    return new BenchServer(url, place, settings, [...warnings, ...risks], end);
  }

  /** A fresh and empty database. */
  async createDatabase(): Promise<BenchDatabase> {
    const name = `durable_bench_${randomBytes(5).toString('hex')}`;
    await withClient(this.url, (client) =>
      client.query(`create database "${name}" template template0 encoding 'UTF8'`),
    );
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    const database: BenchDatabase = {
      url: url.href,
      drop: async () => {
        if (!this.databases.delete(database)) return;
        await withClient(this.url, (client) => client.query(`drop database if exists "${name}" with (force)`));
      },
    };
    this.databases.add(database);
    return database;
  }

  /** Called again, it is the same stop. */
  stop(): Promise<void> {
    return (this.stopping ??= this.clear());
  }

  private async clear(): Promise<void> {
    for (const database of [...this.databases]) await database.drop();
    await this.end();
  }
}

/** With a folder, the local server has the settings of a new installation, which are the durable ones. */
async function startDurable(dataDir: string): Promise<LocalPostgres> {
  try {
    return await startLocalPostgres({ dataDir, settings: { shared_preload_libraries: 'pg_stat_statements' } });
  } catch {
    // An installation without its contrib modules; statements are then not counted.
    return startLocalPostgres({ dataDir });
  }
}

async function readSettings(client: Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: string }>(
    'select name, current_setting(name) as value from pg_settings where name = any ($1) order by array_position($1, name)',
    [SETTINGS],
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Connects for one piece of work. */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

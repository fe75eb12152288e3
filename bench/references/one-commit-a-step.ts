import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { withClient, type BenchServer } from '../database/bench-server.js';
import type { Figures } from '../measure/statistics.js';

/** Clients that it is tried with; the best number is used from then on. */
const CLIENTS = [4, 8, 16, 32] as const;
const TRIAL_SECONDS = 1;
/** One for each core of a small machine: more take the server's. */
const PGBENCH_THREADS = 2;

const TABLES = `
create table bench_run (id int primary key, cursor int not null, updated_at timestamptz not null) with (fillfactor = 70);
create table bench_journal
  (run_id int, key text, completed_at timestamptz not null, result json not null, primary key (run_id, key));
insert into bench_run select n, 0, now() from generate_series(1, ${Math.max(...CLIENTS)}) n;`;

type Form = 'transaction' | 'statement';

/** pgbench would take `:true` for a variable of its own. */
const INSERT = (run: string, key: string): string =>
  `insert into bench_journal values (${run}, ${key}, now(), '{"ok": true}')`;
const UPDATE = (run: string): string =>
  `update bench_run set cursor = cursor + 1, updated_at = now() where id = ${run}`;

/** The INSERT and the UPDATE of a step, as statements that are sent one after the other. */
function statements(form: Form, run: string, key: string): string[] {
  if (form === 'statement') return [`with journaled as (${INSERT(run, key)}) ${UPDATE(run)}`];
  return ['begin', INSERT(run, key), UPDATE(run), 'commit'];
}

/**
 * What a step costs at least when it commits by itself: one INSERT and one UPDATE on tables with nothing but a primary key;
 * no engine, lease or fence. By pgbench where the machine has it, else by the driver.
 */
export class OneCommitAStep {
  private best: number | null = null;

  constructor(
    private readonly server: BenchServer,
    private readonly form: Form,
  ) {}

  async measure(seconds: number): Promise<{ figures: Figures; settings: string }> {
    const pgbench = findPgbench();
    const once = (clients: number, duration: number): Promise<number> =>
      this.onFreshTables((url) =>
        pgbench === null
          ? byDriver(url, this.form, clients, duration)
          : byPgbench(pgbench, url, this.form, clients, duration),
      );
    if (this.best === null) {
      let most = 0;
      for (const clients of CLIENTS) {
        const rate = await once(clients, TRIAL_SECONDS);
        if (rate > most) [most, this.best] = [rate, clients];
      }
    }
    const clients = this.best ?? CLIENTS[0];
    const stepsPerSecond = await once(clients, seconds);
    return { figures: { stepsPerSecond }, settings: `${pgbench === null ? 'driver' : 'pgbench'}, ${clients} clients` };
  }

  private async onFreshTables(work: (url: string) => Promise<number>): Promise<number> {
    const database = await this.server.createDatabase();
    try {
      await withClient(database.url, (client) => client.query(TABLES));
      return await work(database.url);
    } finally {
      await database.drop();
    }
  }
}

function findPgbench(): string | null {
  const debian = '/usr/lib/postgresql';
  const releases = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PG_BIN ? [process.env.PG_BIN] : []),
    ...releases.map((release) => path.join(debian, release, 'bin')),
    ...(process.env.PATH ?? '').split(path.delimiter),
  ];
  return folders.map((folder) => path.join(folder, 'pgbench')).find((file) => existsSync(file)) ?? null;
}

async function byPgbench(pgbench: string, url: string, form: Form, clients: number, seconds: number): Promise<number> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'nest-durable-pgbench-'));
  try {
    const script = path.join(folder, 'step.sql');
    const lines = statements(form, ':client_id + 1', `'step-' || :n`).map((statement) => `${statement};`);
    await writeFile(script, ['\\set n :n + 1', ...lines, ''].join('\n'));
    const parameters = ['-n', '-M', 'prepared', '-D', 'n=0', '-f', script];
    const load = ['-c', String(clients), '-j', String(PGBENCH_THREADS), '-T', String(seconds)];
    const output = await outputOf(pgbench, [...parameters, ...load, url]);
    const rate = /tps = ([\d.]+)/.exec(output)?.[1];
    // On a machine that gives it no time at all it computes no rate either.
    if (/^number of transactions actually processed: 0$/m.test(output)) return 0;
    if (rate === undefined) throw new Error(`pgbench did not say how fast it was:\n${output}`);
    return Number(rate);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`pgbench failed:\n${output}`))));
  });
}

async function byDriver(url: string, form: Form, clients: number, seconds: number): Promise<number> {
  const connected = await Promise.all(Array.from({ length: clients }, () => connect(url)));
  const texts = statements(form, '$1::int', '$2::text');
  let steps = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  const lane = async (client: Client, index: number): Promise<void> => {
    for (let step = 0; performance.now() < end; step++) {
      for (const [place, text] of texts.entries()) {
        const values = [index + 1, `step-${step}`].slice(0, text.includes('$2') ? 2 : text.includes('$1') ? 1 : 0);
        await client.query({ name: `step-${place}`, text, values });
      }
      steps++;
    }
  };
  await Promise.all(connected.map(lane));
  const rate = steps / ((performance.now() - began) / 1000);
  await Promise.all(connected.map((client) => client.end()));
  return rate;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

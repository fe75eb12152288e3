import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { programOf } from '../processes/program.js';

const MAIN = 'test/support/sweep/app.mjs';
const FAILPOINTS = fileURLToPath(new URL('../failpoints/install.mjs', import.meta.url));
const KEPT_LOG_CHARACTERS = 10_000;
/** Far above what a process takes to its end; one that stands still for so long is a finding. */
const LIMIT_MS = 240_000;

let program: Promise<string> | null = null;

/** A run that a process is to start; repeated starts with one key are one. */
export interface SweepStart {
  readonly key: string;
  readonly input: object;
}

export interface SweepOrder {
  readonly url: string;
  readonly queue: string;
  readonly starts: readonly SweepStart[];
  /** As `NEST_DURABLE_FAILPOINTS` says it. */
  readonly failpoints: string;
}

export interface SweepEnd {
  /** It was killed at its failpoint. Otherwise it has come to its end. */
  readonly died: boolean;
  /** Runs whose start was acknowledged, by key. */
  readonly started: Readonly<Record<string, string>>;
}

/**
 * Runs a process of the sweep to its end, or to its failpoint.
 *
 * @throws Error when it ended in another way, or not at all.
 */
export async function runSweepProcess({ failpoints, ...order }: SweepOrder): Promise<SweepEnd> {
  const child = fork(await (program ??= programOf(MAIN)), {
    env: {
      ...process.env,
      ...{ SWEEP: JSON.stringify(order), NEST_DURABLE_FAILPOINTS: failpoints },
      ...{ NO_COLOR: '1', NODE_ENV: 'test' },
    },
    execArgv: ['--import', FAILPOINTS],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const started: Record<string, string> = {};
  child.on('message', ({ key, id }: { key: string; id: string }) => (started[key] = id));
  const log = keepLog(child);
  const timer = setTimeout(() => child.kill('SIGQUIT'), LIMIT_MS);
  const [exitCode, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('exit', (...end) => resolve(end));
  });
  clearTimeout(timer);
  if (exitCode === 0) return { died: false, started };
  if (signal === 'SIGKILL' && failpoints.includes('kill')) return { died: true, started };
  throw new Error(`a process with "${failpoints}" ended with ${signal ?? `exit code ${exitCode}`}:\n${log()}`);
}

function keepLog(child: ChildProcess): () => string {
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = (log + chunk.toString()).slice(-KEPT_LOG_CHARACTERS);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => log;
}

import { execFile, fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from '../eventually.js';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const COMPILER = fileURLToPath(new URL('../processes/compile.mjs', import.meta.url));
const KEPT_LOG_CHARACTERS = 20_000;

/** Where a run is to be killed: at a checkpoint of it or its children, from 1. Without a number it goes through. */
export interface KillPoint {
  readonly input: object;
  readonly at: number | null;
  readonly side: 'before' | 'after';
}

interface Answers {
  readonly started: { readonly runIds: readonly string[] };
  readonly counted: { readonly counts: Readonly<Record<string, number>> };
}

/** A process that executes runs and stops each at its point, until it is killed. */
export class FreezingProcess {
  /** Runs that stand where they are to be killed. */
  readonly frozen = new Set<string>();
  private readonly answers = new EventEmitter();
  private log = '';

  private constructor(private readonly child: ChildProcess) {
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-KEPT_LOG_CHARACTERS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message: { type: string; runId?: string }) => {
      if (message.type === 'frozen') this.frozen.add(message.runId!);
      else this.answers.emit(message.type, message);
    });
  }

  static async start(url: string): Promise<FreezingProcess> {
    const { stdout: code } = await promisify(execFile)(process.execPath, [COMPILER]);
    const env = { ...process.env, EVERY_CHECKPOINT: JSON.stringify({ code, url }), NO_COLOR: '1', NODE_ENV: 'test' };
    const child = fork(MAIN, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const started = new FreezingProcess(child);
    let ready = false;
    started.answers.once('ready', () => (ready = true));
    await eventually('the process to be ready', () => ready || child.exitCode !== null);
    if (!ready) throw new Error(`the process ended:\n${started.log}`);
    return started;
  }

  /** Starts one run a point. */
  async begin(points: readonly KillPoint[]): Promise<readonly string[]> {
    return (await this.ask('started', { type: 'start', points })).runIds;
  }

  /** How many checkpoints each run has made, those of its children included. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    return (await this.ask('counted', { type: 'count' })).counts;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private async ask<T extends keyof Answers>(answer: T, question: object): Promise<Answers[T]> {
    const answered = once(this.answers, answer);
    this.child.send(question);
    return ((await answered) as [Answers[T]])[0];
  }
}

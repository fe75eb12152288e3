import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { SETTINGS_VARIABLE, type Answers, type Command, type Message, type WorkerSettings } from './soak-settings.js';

/** `worker-main.ts` and all that it imports, bundled. */
const MAIN = path.join(import.meta.dirname, 'worker-main.bundle/start.cjs');
/** Enough to show why a process ended. */
const KEPT_LOG_CHARACTERS = 4_000;
/** Older than any answer can be: the database may be away for a few seconds. */
const ANSWER_MS = 20_000;
/** What an orderly end may take: the grace of the worker, of its commits and of its connections are some seconds each. */
const END_MS = 60_000;

/**
 * One worker process. `ready`: it executes runs; `stopped`: it stands still; `ending`: it was told to end. Asking it for
 * something may fail at any time: nobody knows then whether it was done.
 */
export class WorkerProcess {
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  ready = false;
  stopped = false;
  ending = false;
  gone = false;
  /** A trap was set: it will kill itself. */
  trapped = false;
  /** It was told to end, and did not. */
  overdue = false;
  log = '';
  private readonly answers = new Map<number, (answer: Extract<Message, { type: 'answer' }> | null) => void>();
  private readonly child: ChildProcess;
  private asked = 0;
  private sayReady!: (ready: boolean) => void;
  /** False when it ended before. */
  readonly becameReady = new Promise<boolean>((resolve) => (this.sayReady = resolve));

  constructor(
    readonly name: string,
    settings: WorkerSettings,
  ) {
    this.child = fork(MAIN, {
      env: { ...process.env, [SETTINGS_VARIABLE]: JSON.stringify(settings), NO_COLOR: '1', NODE_ENV: 'test' },
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-KEPT_LOG_CHARACTERS);
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.child.on('message', (message: Message) => this.hear(message));
    this.child.on('error', () => undefined); // what it was sent while it ended
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        this.gone = true;
        this.ready = false;
        this.sayReady(false);
        for (const answer of this.answers.values()) answer(null);
        this.answers.clear();
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Executes runs, and nothing was done to it that keeps it from that. */
  get isWell(): boolean {
    return this.ready && !this.stopped && !this.ending && !this.gone;
  }

  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.ending = true;
    if (signal === 'SIGTERM') this.expectEnd();
    if (signal === 'SIGSTOP') this.stopped = true;
    if (signal === 'SIGCONT') this.stopped = false;
    this.child.kill(signal);
  }

  /** One that spins or hangs would be waited for as long. */
  private expectEnd(): void {
    const timer = setTimeout(() => {
      this.overdue = true;
      this.child.kill('SIGKILL');
    }, END_MS);
    void this.exited.then(() => clearTimeout(timer));
  }

  /** @throws when it refuses, ends, or does not answer in time. */
  async ask<C extends Command>(command: C): Promise<Answers[C['command']]> {
    if (this.gone) throw new Error(`${this.name} is gone`);
    const id = this.asked++;
    if (command.command === 'trap') this.trapped = true;
    const answer = await new Promise<Extract<Message, { type: 'answer' }> | null>((resolve) => {
      const timer = setTimeout(() => settle(null), ANSWER_MS);
      const settle = (given: Extract<Message, { type: 'answer' }> | null): void => {
        clearTimeout(timer);
        this.answers.delete(id);
        resolve(given);
      };
      this.answers.set(id, settle);
      this.child.send({ id, command }, (error) => error && settle(null));
    });
    if (answer === null) throw new Error(`${this.name} did not answer`);
    if (answer.error !== null) throw new Error(answer.error);
    return answer.value as Answers[C['command']];
  }

  private hear(message: Message): void {
    if (message.type === 'answer') return this.answers.get(message.id)?.(message);
    this.ready = true;
    this.sayReady(true);
  }
}

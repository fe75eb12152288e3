import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Command, Message } from '../crash-app/messages.js';
import { SETTINGS_VARIABLE, type CrashAppSettings } from '../crash-app/settings.js';
import { eventually } from '../eventually.js';

/** Sits in the driver of the process, and does nothing unless the variable says so. */
const FAILPOINTS = fileURLToPath(new URL('../failpoints/install.mjs', import.meta.url));
/** A start takes less than a second, unless a machine with few cores has many to do. */
const START_LIMIT_MS = 60_000;
/** Enough to show why a process ended. */
const KEPT_LOG_CHARACTERS = 20_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type WaitingStep = Extract<Message, { type: 'waiting' }>;
export type HitFailpoint = Extract<Message, { type: 'failpoint' }>;
export type AbortedStep = Extract<Message, { type: 'aborted' }>;

/**
 * One process of the crash tests' application.
 *
 * States: starting → ready → ended. `expectEnd` says that its end is wanted; the crew fails a test in which a process
 * ended that should not have.
 */
export class AppProcess {
  /** The end of what it wrote. */
  log = '';
  /** Runs whose start resolved in it. */
  readonly started: string[] = [];
  readonly waiting: WaitingStep[] = [];
  readonly aborted: AbortedStep[] = [];
  /** Writes that wait at a failpoint, or did. */
  readonly hits: HitFailpoint[] = [];
  readonly exited: Promise<Exit>;
  exit: Exit | null = null;
  endExpected = false;
  private readonly answers = new EventEmitter();
  private readonly beganAt = performance.now();
  private ready = false;
  private commands = 0;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-KEPT_LOG_CHARACTERS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message: Message) => this.hear(message));
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.exit = { code, signal };
        resolve(this.exit);
      });
    });
  }

  /** @param program the file to run. */
  static spawn(program: string, name: string, settings: CrashAppSettings): AppProcess {
    const { failpoints = '' } = settings;
    const child = fork(program, {
      env: {
        ...process.env,
        [SETTINGS_VARIABLE]: JSON.stringify(settings),
        ...{ NEST_DURABLE_FAILPOINTS: failpoints, NO_COLOR: '1', NODE_ENV: 'test' },
      },
      execArgv: failpoints ? ['--import', FAILPOINTS] : [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new AppProcess(name, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Milliseconds since it was started. */
  get age(): number {
    return performance.now() - this.beganAt;
  }

  async untilReady(): Promise<this> {
    await eventually(`${this.name} to be ready`, () => this.ready || this.exit !== null, { within: START_LIMIT_MS });
    if (!this.ready) throw new Error(this.describeEnd());
    return this;
  }

  start(workflow: string, inputs: readonly unknown[]): Promise<string[]> {
    return this.ask({ command: 'start', workflow, inputs }) as Promise<string[]>;
  }

  beginLoad(workflow: string, input: unknown, everyMs: number): Promise<unknown> {
    return this.ask({ command: 'load', workflow, input, everyMs });
  }

  /** @returns what starts rejected with. */
  endLoad(): Promise<string[]> {
    return this.ask({ command: 'rest' }) as Promise<string[]>;
  }

  /** Resolves when the step stands at its gate in this process. */
  async reached(runId: string, step: string): Promise<WaitingStep> {
    return eventually(`run ${runId} to reach the gate of ${step} in ${this.name}`, () =>
      this.waiting.find((one) => one.runId === runId && one.step === step),
    );
  }

  open(runId: string, step: string): void {
    this.child.send({ type: 'open', runId, step });
  }

  /** Lets go on what waits at a failpoint's gate. */
  release(point: string): void {
    this.child.send({ type: 'release-failpoint', point });
  }

  /** Sends a signal. What ends the process is taken as wanted. */
  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    if (signal === 'SIGKILL' || signal === 'SIGTERM') this.endExpected = true;
    this.child.kill(signal);
  }

  /** Kills it, and resolves with the time of the kill by the clock of this machine when it is gone. */
  async kill(): Promise<Date> {
    const at = new Date();
    this.signal('SIGKILL');
    await this.exited;
    return at;
  }

  describeEnd(): string {
    const { code, signal } = this.exit ?? { code: null, signal: null };
    return `${this.name} (pid ${this.pid}) ended with ${signal ?? `exit code ${code}`}:\n${this.log}`;
  }

  private async ask(command: Command): Promise<unknown> {
    const id = this.commands++;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.answers.once(String(id), (answer: Extract<Message, { type: 'answer' }>) => {
        if (answer.error === null) resolve(answer.value);
        else reject(new Error(`${this.name}: ${answer.error}`));
      });
    });
    this.child.send({ type: 'command', id, command });
    const ended = this.exited.then(() => Promise.reject(new Error(this.describeEnd())));
    return Promise.race([answered, ended]);
  }

  private hear(message: Message): void {
    switch (message.type) {
      case 'ready':
        this.ready = true;
        break;
      case 'answer':
        this.answers.emit(String(message.id), message);
        break;
      case 'started':
        this.started.push(message.runId);
        break;
      case 'waiting':
        this.waiting.push(message);
        break;
      case 'aborted':
        this.aborted.push(message);
        break;
      case 'failpoint':
        this.hits.push(message);
        break;
    }
  }
}

import { execFile, fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const MAIN = fileURLToPath(new URL('./main.mjs', import.meta.url));
const COMPILER = fileURLToPath(new URL('../processes/compile.mjs', import.meta.url));

export interface TracedProcessSettings {
  readonly url: string;
  /** Where its spans go. */
  readonly file: string;
  readonly name: string;
  readonly starts?: boolean;
  readonly hangs?: boolean;
}

/** A span as the file has it. */
export interface WrittenSpan {
  readonly process: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A process that records spans. States: starting → ready → ended, by `stop` in order, by `kill` at once. */
export class TracedProcess {
  private readonly messages = new EventEmitter();
  private readonly heard = new Map<string, { readonly runId?: string }>();
  private log = '';

  private constructor(private readonly child: ChildProcess) {
    const keep = (chunk: Buffer): void => {
      this.log += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('message', (message: { readonly type: string; readonly runId?: string }) => {
      this.heard.set(message.type, message);
      this.messages.emit('message');
    });
    child.once('exit', () => this.messages.emit('message'));
  }

  static async start(settings: TracedProcessSettings): Promise<TracedProcess> {
    const { stdout: code } = await promisify(execFile)(process.execPath, [COMPILER]);
    const env = { ...process.env, TRACED_APP: JSON.stringify({ ...settings, code }), NO_COLOR: '1', NODE_ENV: 'test' };
    const started = new TracedProcess(fork(MAIN, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }));
    await started.says('ready');
    return started;
  }

  /** Resolves with the first message of the type, whether it has come or comes. */
  async says(type: 'ready' | 'hanging' | 'started' | 'ended'): Promise<{ readonly runId?: string }> {
    for (;;) {
      const said = this.heard.get(type);
      if (said) return said;
      if (this.hasEnded) throw new Error(`the process ended before it was ${type}:\n${this.log}`);
      await once(this.messages, 'message');
    }
  }

  send(message: { readonly type: 'start' | 'await' | 'stop'; readonly runId?: string }): void {
    this.child.send(message);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.send({ type: 'stop' });
    await exited;
  }

  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

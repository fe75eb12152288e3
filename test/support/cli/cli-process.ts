import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../eventually.js';

export interface CliProcessOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Behind a terminal of its own, by `script` of util-linux. @default false */
  readonly terminal?: boolean;
}

const MAIN = path.resolve('dist/lib/cli/main.js');
const SCRIPT = '/usr/bin/script';

/** One process of the built command line. `end` it when a test does not wait for its own end. */
export class CliProcess {
  stdout = '';
  stderr = '';
  /** The exit code; 128 + the number of the signal that killed it. */
  readonly exited: Promise<number>;

  private constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.exited = new Promise((resolve) => child.once('close', (code) => resolve(code ?? 255)));
  }

  static get hasTerminal(): boolean {
    return existsSync(SCRIPT);
  }

  static start(args: readonly string[], { env, terminal = false }: CliProcessOptions): CliProcess {
    if (!existsSync(MAIN)) throw new Error('There is no dist/lib/cli/main.js: run `npm run build` first.');
    const clean = { PATH: process.env.PATH, HOME: process.env.HOME, TERM: 'xterm', ...env };
    if (!terminal) return new CliProcess(spawn(process.execPath, [MAIN, ...args], { env: clean }));
    const quoted = [process.execPath, MAIN, ...args].map((each) => `'${each.replaceAll("'", `'\\''`)}'`).join(' ');
    return new CliProcess(spawn(SCRIPT, ['-qec', quoted, '/dev/null'], { env: clean }));
  }

  /** Runs it to its end. */
  static async run(
    args: readonly string[],
    options: CliProcessOptions,
  ): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
    const one = CliProcess.start(args, options);
    one.child.stdin?.end();
    const code = await one.exited;
    return { code, stdout: one.stdout, stderr: one.stderr };
  }

  async prints(text: string | RegExp): Promise<void> {
    await eventually(`"${text}" in: ${this.stdout}${this.stderr}`, () =>
      typeof text === 'string' ? this.stdout.includes(text) : text.test(this.stdout),
    );
  }

  end(): void {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
  }
}

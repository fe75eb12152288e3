import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ShopRole } from '../config/shop-config.js';

const SHOP = fileURLToPath(new URL('../main.js', import.meta.url));
const EXIT_WITH_PARENT = new URL('./exit-with-parent.js', import.meta.url).href;

/** Shutting down takes as long as the step that runs, well under a second; a process that hangs is killed after this. */
const STOP_TIMEOUT_MS = 5_000;
/** Enough to show why a process failed, too little to bury the demo's own output. */
const KEPT_LOG_CHARACTERS = 4_000;

interface Ready {
  readonly ready: true;
  readonly url: string | null;
}

/** One process of the shop: started → ready → exited, by itself, by {@link stop} or by {@link kill}. */
export class ShopProcess {
  /** The end of what it wrote. */
  log = '';
  /** Set by whoever expects this process to end. */
  private ending = false;
  /** Resolves when the process is gone. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    const keep = (chunk: Buffer): void => {
      this.log = (this.log + chunk.toString()).slice(-KEPT_LOG_CHARACTERS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  }

  /** Starts the built application; nothing of it is special to the demo but its environment. */
  static start(name: string, role: ShopRole, env: Readonly<Record<string, string>>): ShopProcess {
    const child = fork(SHOP, {
      env: { ...process.env, ...env, ROLE: role, NO_COLOR: '1' },
      execArgv: ['--enable-source-maps', '--import', EXIT_WITH_PARENT],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new ShopProcess(name, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** @returns the address that a web process answers at. @throws Error with the log when it ends before it is ready. */
  async ready(): Promise<string | null> {
    const message = once(this.child, 'message').then(([first]) => first as Ready);
    return (await Promise.race([message, this.failed()])).url;
  }

  /** Rejects when the process ends and nobody wanted it to. Never resolves. */
  async failed(): Promise<never> {
    const { code, signal } = await this.exited;
    if (this.ending) return new Promise<never>(() => {});
    throw new Error(`${this.name} (pid ${this.pid}) ended with ${signal ?? `exit code ${code}`}`);
  }

  /** SIGKILL: no chance to hand anything back. */
  async kill(): Promise<void> {
    this.ending = true;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM, then SIGKILL for one that hangs. @returns the exit code, `null` when it had to be killed. */
  async stop(): Promise<number | null> {
    this.ending = true;
    this.child.kill('SIGTERM');
    const timeout = new AbortController();
    const hangs = delay(STOP_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(
      () => this.kill(),
      () => {},
    );
    const { code } = await this.exited;
    timeout.abort();
    await hangs;
    return code;
  }
}

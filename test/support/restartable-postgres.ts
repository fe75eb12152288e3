import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLocalPostgres, type LocalPostgres } from '../../sample-app/local-postgres.mjs';

/** What a server logs when it crashes by itself. Signals 3 and 9 are its own at an immediate shutdown. */
const CRASH = /was terminated by signal (?![39]\b)\d+|\bPANIC:/;

/** A PostgreSQL of its own with full durability, which can be stopped and started again on the same port and data. */
export class RestartablePostgres {
  /** What it logged when a process of it crashed that nobody had told to end. */
  readonly crashes: string[] = [];
  private server!: LocalPostgres;

  private constructor(
    private readonly dataDir: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** @param settings on top of the defaults, as in postgresql.conf. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RestartablePostgres> {
    const postgres = new RestartablePostgres(mkdtempSync(path.join(tmpdir(), 'nest-durable-restart-')), settings);
    await postgres.launch();
    return postgres;
  }

  get url(): string {
    return this.server.url;
  }

  /** `fast` disconnects everyone and shuts down in order; `immediate` is a crash, with recovery at the start. */
  async restart(mode: 'fast' | 'immediate', downMs = 0): Promise<void> {
    const { port } = this.server;
    await this.server.stop(mode);
    if (downMs > 0) await delay(downMs);
    await this.launch(port);
  }

  async stop(): Promise<void> {
    await this.server.stop('immediate');
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private async launch(port?: number): Promise<void> {
    const { dataDir, settings, crashes } = this;
    const onLog = (line: string): void => {
      if (CRASH.test(line)) crashes.push(line);
    };
    this.server = await startLocalPostgres({ dataDir, settings, onLog, ...(port === undefined ? {} : { port }) });
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLocalPostgres, type LocalPostgres } from '../../sample-app/local-postgres.mjs';

/** A PostgreSQL of its own with full durability, which can be stopped and started again on the same port and data. */
export class RestartablePostgres {
  private constructor(
    private readonly dataDir: string,
    private readonly settings: Readonly<Record<string, string>>,
    private server: LocalPostgres,
  ) {}

  /** @param settings on top of the defaults, as in postgresql.conf. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RestartablePostgres> {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'nest-durable-restart-'));
    return new RestartablePostgres(dataDir, settings, await startLocalPostgres({ dataDir, settings }));
  }

  get url(): string {
    return this.server.url;
  }

  /** `fast` disconnects everyone and shuts down in order; `immediate` is a crash, with recovery at the start. */
  async restart(mode: 'fast' | 'immediate', downMs = 0): Promise<void> {
    const { dataDir, settings } = this;
    const { port } = this.server;
    await this.server.stop(mode);
    if (downMs > 0) await delay(downMs);
    this.server = await startLocalPostgres({ dataDir, port, settings });
  }

  async stop(): Promise<void> {
    await this.server.stop('immediate');
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

import { createDemoDatabase, type DemoDatabase } from './demo-database.js';
import { Ledger } from './ledger.js';
import { ShopClient } from './shop-client.js';
import { ShopProcess } from './shop-process.js';

/** Long enough that a kill finds most runs within a step, short enough that fifty orders take seconds. */
const LATENCY_MS = 400;
/** Long enough that the orders are parked meanwhile, and seen to be. */
const GRACE_MS = 200;
const TRANSIT_MS = 600;

/** More slots than orders and shipments, so that the survivor has room for the dead worker's runs at once. */
const CONCURRENCY = 120;

/**
 * The database and processes that the demo starts. Whatever was started is ended by {@link close}, which may be called
 * at any moment, also in the middle of {@link open}.
 */
export class Stage {
  private opening?: Promise<DemoDatabase>;
  private databaseUrl?: string;
  private openLedger?: Ledger;
  private readonly processes: ShopProcess[] = [];
  private closing = false;
  private reportFailure!: (error: unknown) => void;
  /** Rejects when a process ends that nobody ended. Never resolves. */
  readonly failed: Promise<never> = new Promise<never>((_, reject) => (this.reportFailure = reject));

  async open(): Promise<DemoDatabase> {
    this.opening = createDemoDatabase();
    const database = await this.opening;
    this.databaseUrl = database.url;
    this.openLedger = new Ledger(database.url);
    return database;
  }

  get ledger(): Ledger {
    if (this.openLedger === undefined) throw new Error('the database is not there yet');
    return this.openLedger;
  }

  async startWeb(): Promise<{ process: ShopProcess; client: ShopClient; url: string }> {
    const process = this.start('web', 'web');
    const url = (await process.ready()) ?? '';
    return { process, url, client: new ShopClient(url) };
  }

  async startWorker(name: string): Promise<ShopProcess> {
    const process = this.start(name, 'worker');
    await process.ready();
    return process;
  }

  /** Ends the processes politely. @returns their exit codes, without those that were ended before. */
  stop(processes: readonly ShopProcess[]): Promise<(number | null)[]> {
    return Promise.all(processes.map((process) => process.stop()));
  }

  /** Leaves no process and no database behind. */
  async close(): Promise<void> {
    this.closing = true;
    await this.stop(this.processes);
    await this.openLedger?.close();
    // A database that is being created right now is waited for, and dropped.
    const database = await this.opening?.catch(() => undefined);
    await database?.drop();
  }

  /** What the processes said last. */
  logs(): string {
    return this.processes.map(({ name, pid, log }) => `${name} (pid ${pid}):\n${log}`).join('\n');
  }

  private start(name: string, role: 'web' | 'worker'): ShopProcess {
    if (this.closing || this.databaseUrl === undefined) throw new Error('the demo is over');
    const process = ShopProcess.start(name, role, {
      DATABASE_URL: this.databaseUrl,
      PORT: '0',
      CONCURRENCY: String(CONCURRENCY),
      LATENCY_MS: String(LATENCY_MS),
      GRACE_MS: String(GRACE_MS),
      TRANSIT_MS: String(TRANSIT_MS),
    });
    this.processes.push(process);
    process.failed().catch(this.reportFailure);
    return process;
  }
}

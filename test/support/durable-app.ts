import { setTimeout as delay } from 'node:timers/promises';
import type { DynamicModule, LoggerService, ModuleMetadata, Provider, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { DurableEngine } from '../../lib/durable.engine.js';
import {
  DurableModule,
  DurableRunner,
  type DurableModuleOptions,
  type DurableWorkflow,
  type RunSnapshot,
} from '../../lib/index.js';
import { DurableTesting, VirtualClock } from '../../lib/testing/index.js';
import { EMPTY_TABLES } from './empty-tables.js';
import { KEPT } from './sessions/server-session.mjs';
import { TimerWatch } from './timer-watch.js';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from './test-database.js';

export interface DurableAppOptions extends DurableModuleOptions {
  /** Classes and plans of the builder. */
  workflows?: readonly (Type | DurableWorkflow)[];
  providers?: readonly Provider[];
  imports?: ModuleMetadata['imports'];
  typeorm?: Partial<TypeOrmModuleOptions>;
}

/** What is waited for takes milliseconds; a loaded machine takes its time, and only a test that fails waits for all of it. */
const PATIENCE_MS = 30_000;
/**
 * Asking without a pause keeps a core busy, that of the server included, and what is waited for needs it: the longer it has
 * taken, the less does another moment matter.
 */
const POLL = { firstMs: 3, longestMs: 30, shareOfWait: 0.05 };

/** One application, as a process would run it: its own DataSource, worker and connections. */
export class DurableApp {
  private constructor(readonly moduleRef: TestingModule) {}

  /** An application whose modules a test has put together, and which is not initialised yet. */
  static of(moduleRef: TestingModule): DurableApp {
    return new DurableApp(moduleRef);
  }

  static async boot(url: string, options: DurableAppOptions, log: LoggerService): Promise<DurableApp> {
    const { workflows = [], providers = [], imports = [], typeorm, ...durable } = options;
    // A test that fails leaves steps at its gates; it should not wait for them too.
    const worker = durable.worker === false ? (false as const) : { shutdownTimeout: '1s', ...durable.worker };
    const moduleRef = await Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, ...typeorm } as TypeOrmModuleOptions),
        DurableModule.forRoot({ ...durable, worker }),
        ...imports,
      ],
      providers: [...workflows.map(asProvider), ...providers],
    })
      .setLogger(log)
      .compile();
    try {
      await moduleRef.init();
    } catch (error) {
      await moduleRef.close();
      throw error;
    }
    return new DurableApp(moduleRef);
  }

  get runner(): DurableRunner {
    return this.moduleRef.get(DurableRunner);
  }

  get dataSource(): DataSource {
    return this.moduleRef.get(DataSource);
  }

  get engine(): DurableEngine {
    return this.moduleRef.get(DurableEngine, { strict: false });
  }

  /** The id of the worker's present lease. */
  get workerId(): string {
    return this.engine.worker!.workerId!;
  }

  close(): Promise<void> {
    return this.moduleRef.close();
  }
}

function asProvider(workflow: Type | DurableWorkflow): Provider {
  return typeof workflow === 'function'
    ? workflow
    : { provide: `workflow ${workflow.name}@${workflow.version}`, useValue: workflow };
}

/** A log that a test can read. Lines of the applications that are booted after it was installed go there. */
export class LogBook implements LoggerService {
  readonly lines: string[] = [];

  log(message: unknown): void {
    this.lines.push(`log ${String(message)}`);
  }

  warn(message: unknown): void {
    this.lines.push(`warn ${String(message)}`);
  }

  error(message: unknown): void {
    this.lines.push(`error ${String(message)}`);
  }
}

/**
 * The applications of one spec file, on a database of their own. Call it once, at the top of a `describe` or of the file.
 * Sessions of the server go from one application to the next, unless `keptSessions` is false.
 *
 * After every test it closes what was booted, fails when a connection or a timer that keeps the process alive is left, and
 * empties the tables.
 */
export class DurableApps {
  database!: TestDatabase;
  log = new LogBook();
  private sqlClient!: Client;
  private readonly booted: DurableApp[] = [];
  private readonly timers = new TimerWatch();
  private lasting: DurableApp | null = null;

  constructor(options: TestDatabaseOptions = {}) {
    beforeAll(async () => {
      this.database = await createTestDatabase({ keptSessions: true, ...options });
      this.sqlClient = new Client({ connectionString: this.database.url, application_name: 'test' });
      await this.sqlClient.connect();
    });
    beforeEach(() => {
      this.log = new LogBook();
      this.timers.start();
    });
    afterEach(async () => {
      const used = this.booted.length > 0;
      await this.closeAll();
      this.timers.stop();
      if (this.lasting) return;
      await this.expectNothingLeft();
      if (used && !options.empty) await this.sql(EMPTY_TABLES);
    }, 2 * PATIENCE_MS);
    afterAll(async () => {
      await this.closeLasting();
      await this.expectNothingLeft();
      await this.sqlClient.end();
      await this.database.drop();
    });
  }

  async boot(options: DurableAppOptions = {}): Promise<DurableApp> {
    const app = await DurableApp.boot(this.database.url, options, this.log);
    this.booted.push(app);
    return app;
  }

  /**
   * One application for all tests of the file or of the `describe` that calls this, none of which minds what the others leave
   * in the database. Booting one takes longer than most tests do.
   */
  forAll(options: DurableAppOptions = {}): { readonly app: DurableApp; readonly runner: DurableRunner } {
    beforeAll(async () => {
      this.lasting = await DurableApp.boot(this.database.url, options, this.log);
    });
    afterAll(async () => {
      if (!this.lasting) return; // that of a file is closed before the database is dropped
      await this.closeLasting();
      await this.expectNothingLeft();
      await this.sql(EMPTY_TABLES);
    });
    const app = (): DurableApp => this.lasting!;
    return {
      get app() {
        return app();
      },
      get runner() {
        return app().runner;
      },
    };
  }

  /** Compiles modules of the test's own; `init()` is left to the test. */
  async compile(metadata: ModuleMetadata): Promise<DurableApp> {
    const moduleRef = await Test.createTestingModule(metadata).setLogger(this.log).compile();
    const app = DurableApp.of(moduleRef);
    this.booted.push(app);
    return app;
  }

  /** The application's own TypeORM, on the database of this file. */
  typeorm(options: object = {}): DynamicModule {
    return TypeOrmModule.forRoot({ type: 'postgres', url: this.database.url, autoLoadEntities: true, ...options });
  }

  /** Boots applications that share a virtual clock, and what drives them. One for each of `options`. */
  async bootVirtual(
    ...options: readonly DurableAppOptions[]
  ): Promise<{ apps: DurableApp[]; app: DurableApp; runner: DurableRunner; testing: DurableTesting }> {
    const clock = options[0]?.clock ?? new VirtualClock(new Date('2030-01-01T00:00:00Z'));
    const apps: DurableApp[] = [];
    for (const one of options) apps.push(await this.boot({ ...one, clock }));
    const [app] = apps;
    return { apps, app: app, runner: app.runner, testing: DurableTesting.of(...apps.map((each) => each.moduleRef)) };
  }

  get url(): string {
    return this.database.url;
  }

  async sql<Row = Record<string, any>>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.sqlClient.query(text, [...values])).rows as Row[];
  }

  /** A connection of the test's own, for locks and transactions; closed after `work`. */
  async withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.database.url, application_name: 'test' });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async runRow(id: string): Promise<Record<string, any>> {
    const [row] = await this.sql('select * from durable.run where id = $1', [id]);
    if (!row) throw new Error(`there is no run ${id}`);
    return row;
  }

  /** `key` of every journal row in the order of completion. */
  async journalKeys(id: string): Promise<string[]> {
    const rows = await this.sql<{ key: string }>(
      'select key from durable.journal where run_id = $1 order by position',
      [id],
    );
    return rows.map(({ key }) => key);
  }

  async count(table: string): Promise<number> {
    const [row] = await this.sql<{ count: number }>(`select count(*)::int as count from durable.${table}`);
    return row.count;
  }

  /** Connections of applications, whose name begins so. */
  async connections(prefix = ''): Promise<string[]> {
    const rows = await until(
      () =>
        this.sql<{ line: string }>(
          `select application_name || ': ' || query as line from pg_stat_activity
            where datname = current_database() and backend_type = 'client backend'
              and application_name not in ('test', $2) and starts_with(application_name, $1)`,
          [prefix, KEPT],
        ),
      (found) => found.length === 0,
    );
    return rows.map(({ line }) => line);
  }

  /** What a process that died leaves: its worker's row is gone, its runs are still marked as held. */
  async declareDead(worker: string): Promise<void> {
    await this.sql('delete from durable.worker where id = $1', [worker]);
  }

  private async closeLasting(): Promise<void> {
    await this.lasting?.close();
    this.lasting = null;
  }

  private async closeAll(): Promise<void> {
    for (const app of this.booted.splice(0)) await app.close();
  }

  private async expectNothingLeft(): Promise<void> {
    expect(await this.connections()).toEqual([]);
    expect(this.timers.alive).toBe(0);
  }
}

/**
 * Asks again and again until the answer is good or patience ends, and returns the last answer. For what another process
 * (a server's backend, a second worker on the real clock) does in its own time.
 */
export async function until<T>(ask: () => Promise<T> | T, good: (answer: T) => boolean): Promise<T> {
  const begun = performance.now();
  for (;;) {
    const answer = await ask();
    const waited = performance.now() - begun;
    if (good(answer) || waited > PATIENCE_MS) return answer;
    await delay(Math.min(POLL.longestMs, POLL.firstMs + waited * POLL.shareOfWait));
  }
}

export type { RunSnapshot };

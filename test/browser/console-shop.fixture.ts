import type { CanActivate, INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { DurableDashboardModule } from '../../lib/dashboard/index.js';
import { durable, DurableRunner, type RunHandle } from '../../lib/index.js';
import { AppModule } from '../../sample-app/app.module.js';
import { ShopConfig } from '../../sample-app/config/shop-config.js';
import { SimulatedNetwork } from '../../sample-app/network/simulated-network.service.js';
import { GatedNetwork } from '../e2e/sample-app/gated-network.double.js';
import { order } from '../e2e/sample-app/shop.fixture.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Where it is mounted, beside what the sample application mounts itself. */
export const MOUNT = '/operators/console';

/** Everybody is Ann, who may do everything. */
class AnnGuard implements CanActivate {
  canActivate(context: Parameters<CanActivate['canActivate']>[0]): boolean {
    context.switchToHttp().getRequest<{ user: unknown }>().user = { email: 'ann@example.org' };
    return true;
  }
}

/** Two versions, so that there is something to compare; the second fails with whatever its input says. */
const LETTERS = [
  durable('letter', { version: 1 })
    .step('write', () => ({ pages: 2 }))
    .step('stamp', () => 'stamped')
    .step('send', () => 'sent'),
  durable('letter', { version: 2 })
    .step('write', (ctx) => ({ pages: 2, input: ctx.input as unknown }))
    .parallel('proofread', [
      { name: 'spelling', handler: () => true },
      { name: 'facts', handler: () => true },
    ])
    .step(
      'frank',
      (ctx) => {
        throw new Error((ctx.input as { error: string }).error);
      },
      { maxAttempts: 1 },
    )
    .step('send', () => 'sent'),
];

/** Waits for a person's data, then for a signal. */
const ERRAND = durable('errand')
  .step('ask', (ctx) => ctx.resumeData() ?? { status: 'suspended' })
  .waitForSignal('word', 'word');

/** Names that nobody should give, and that somebody has given. */
export const ODD_NAME = `<b>odd</b> \u202Etxet ${'long-'.repeat(16)}name`;
const ODD = durable(ODD_NAME)
  .parallel('<i>both</i> \u202Eeno', [
    { name: `\u202Ewt ${'wide'.repeat(16)}`, handler: () => true },
    { name: 'other', handler: () => true },
  ])
  .waitForSignal('\u202Etiaw', '\u202Elangis');

/** The sample application with a dashboard, in this process, on a database of its own. */
export class ConsoleShop {
  readonly runner: DurableRunner;

  private constructor(
    private readonly app: INestApplication,
    private readonly database: TestDatabase,
    readonly url: string,
    readonly network: GatedNetwork,
  ) {
    this.runner = app.get(DurableRunner);
  }

  static async open(): Promise<ConsoleShop> {
    const database = await createTestDatabase({ keptSessions: true });
    const network = new GatedNetwork();
    const waits = { latencyMs: 0, graceMs: 0, transitMs: 0 };
    const config = new ShopConfig({ databaseUrl: database.url, port: 0, concurrency: 20, ...waits });
    const dashboard = DurableDashboardModule.forRoot({
      path: MOUNT,
      guards: [new AnnGuard()],
      authorize: () => true,
      theme: { title: 'Tea shop' },
    });
    const module = await Test.createTestingModule({
      imports: [AppModule.register(config), dashboard],
      providers: [...LETTERS, ERRAND, ODD].map((plan) => ({ provide: `${plan.name} ${plan.version}`, useValue: plan })),
    })
      .overrideProvider(SimulatedNetwork)
      .useValue(network)
      .compile();
    const app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    return new ConsoleShop(app, database, await app.getUrl(), network);
  }

  /** The address of a page, e.g. `/runs?status=failed`. */
  page(path: string): string {
    return `${this.url}${MOUNT}${path}`;
  }

  async placeOrder(id: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const response = await fetch(`${this.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order(id, overrides)),
    });
    return ((await response.json()) as { runId: string }).runId;
  }

  /** 30 kettles, which somebody has to approve. */
  placeLargeOrder(id: string): Promise<string> {
    return this.placeOrder(id, { lines: [{ sku: 'kettle-iron', quantity: 30 }] });
  }

  /** A letter that fails with `error`. */
  sendLetter(key: string, error: string, more: Readonly<Record<string, unknown>> = {}): Promise<RunHandle> {
    return this.runner.start('letter', { error, ...more }, { idempotencyKey: key, version: 2 });
  }

  query<T>(sql: string, values?: unknown[]): Promise<T[]> {
    return this.app.get(DataSource).query<T[]>(sql, values);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.database.drop();
  }
}

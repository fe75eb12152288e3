import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { DurableRunner, RunFailedError, type RunSnapshot } from '../../../lib/index.js';
import { DurableTesting } from '../../../lib/testing/index.js';
import { AppModule } from '../../../sample-app/app.module.js';
import { ShopConfig } from '../../../sample-app/config/shop-config.js';
import { SimulatedNetwork } from '../../../sample-app/network/simulated-network.service.js';
import { GatedNetwork } from './gated-network.double.js';

export interface OrderView {
  readonly id: string;
  readonly runId: string;
  readonly status: string;
  readonly totalCents: number | null;
  readonly trackingCode: string | null;
}

export interface Answer<T = any> {
  readonly status: number;
  readonly body: T;
}

const EXECUTED = ['step', 'branch', 'item', 'iteration', 'undo'];

export type ShopOptions = Partial<Pick<ShopConfig, 'role' | 'clock' | 'graceMs' | 'transitMs' | 'operatorPassword'>>;

/** The sample application in this process, spoken to over HTTP. */
export class Shop {
  readonly runner: DurableRunner;

  private constructor(
    private readonly app: INestApplication,
    readonly url: string,
    /** Answers at once, unless told to hold. */
    readonly network: GatedNetwork,
  ) {
    this.runner = app.get(DurableRunner);
  }

  /** Nothing takes time in it unless `options` say so. */
  static async open(databaseUrl: string, options: ShopOptions = {}): Promise<Shop> {
    const network = new GatedNetwork();
    const waits = { latencyMs: 0, graceMs: 0, transitMs: 0 };
    const config = new ShopConfig({ databaseUrl, port: 0, concurrency: 10, ...waits, ...options });
    const module = await Test.createTestingModule({ imports: [AppModule.register(config)] })
      .overrideProvider(SimulatedNetwork)
      .useValue(network)
      .compile();
    const app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    return new Shop(app, await app.getUrl(), network);
  }

  close(): Promise<void> {
    return this.app.close();
  }

  /** Drives the engine's time; only with a virtual `clock`. */
  get time(): DurableTesting {
    return DurableTesting.of(this.app);
  }

  /**
   * Lets so many hours pass, one at a time: `advance` does not wait for a step that takes the database a while, so that in
   * one go on a busy machine the clock would be far ahead of what it does.
   */
  async pass(hours: number): Promise<void> {
    for (let hour = 0; hour < hours; hour++) {
      await this.time.advance('1h');
      await this.time.drain();
    }
  }

  get(path: string): Promise<Answer> {
    return this.send(path, {});
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body ?? {}),
    });
  }

  /** Waits until the order's run has ended, however, and returns both. */
  async ended(id: string): Promise<{ order: OrderView; run: RunSnapshot }> {
    const { runId } = (await this.get(`/orders/${id}`)).body.order as OrderView;
    await this.runner.result(runId, { timeout: '60s' }).catch((error: unknown) => {
      if (!(error instanceof RunFailedError)) throw error;
    });
    return (await this.get(`/orders/${id}`)).body;
  }

  /** What was executed and undone, in order; failed attempts, decisions and waits left out. */
  async journalKeys(id: string): Promise<string[]> {
    const { body } = await this.get(`/orders/${id}/journal`);
    return (body as { key: string; kind: string; status: string }[])
      .filter((entry) => entry.status === 'completed' && EXECUTED.includes(entry.kind))
      .map((entry) => entry.key);
  }

  query<T>(sql: string, values?: unknown[]): Promise<T[]> {
    return this.app.get(DataSource).query<T[]>(sql, values);
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.url + path, init);
    return { status: response.status, body: await response.json() };
  }
}

/** A valid body; `id` names the order. */
export function order(id: string, overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id,
    email: 'ada@example.com',
    delivery: 'standard',
    paymentToken: 'tok_visa',
    lines: [
      { sku: 'tea-assam', quantity: 2 },
      { sku: 'cup-porcelain', quantity: 1 },
    ],
    ...overrides,
  };
}

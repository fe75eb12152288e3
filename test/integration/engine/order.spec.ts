import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DurableModule, DurableRunner, Step, Workflow, type DurableContext } from '../../../lib/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

@Injectable()
class Shop {
  log: string[] = [];
}

@Workflow('order')
class OrderWorkflow {
  constructor(private readonly shop: Shop) {}
  @Step({ compensate: 'refund' })
  charge(ctx: DurableContext<{ n: number }>): { paid: number } {
    this.shop.log.push(`charge ${ctx.idempotencyKey.slice(-6)}`);
    return { paid: ctx.input.n };
  }
  async refund(): Promise<void> {
    this.shop.log.push('refund');
  }
  @Step({ transactional: true })
  async reserve(ctx: DurableContext<{ n: number }>) {
    const [row] = await ctx.manager.query('select 1 + $1::int as n', [ctx.results.charge.paid]);
    return row as { n: number };
  }
  @Step({ maxAttempts: 2, backoff: () => 0 })
  async ship(ctx: DurableContext<{ n: number }>): Promise<string> {
    this.shop.log.push(`ship ${ctx.attempt}`);
    if (ctx.input.n === 13) throw new Error('unlucky');
    return `shipped ${(ctx.results.reserve as { n: number }).n}`;
  }
}

describe('smoke', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
  });
  afterAll(async () => {
    await database.drop();
  });

  it('runs an order, and compensates one that fails', async () => {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, autoLoadEntities: true }),
        DurableModule.forRoot({}),
      ],
      providers: [Shop, OrderWorkflow],
    })
    class AppModule {}
    const moduleRef = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = moduleRef.createNestApplication();
    await app.init();
    try {
      const runner = app.get(DurableRunner);
      const results = await runner.startAndWait(OrderWorkflow, { n: 4 });
      expect(results).toEqual({ charge: { paid: 4 }, reserve: { n: 5 }, ship: 'shipped 5' });
      const run = await runner.start('order', { n: 13 });
      await expect(run.result()).rejects.toThrow('unlucky');
      const snapshot = await run.snapshot({ journal: true });
      expect(snapshot.status).toBe('failed');
      expect(snapshot.journal.map((j) => `${j.key}:${j.status}`)).toEqual([
        'charge:completed',
        'reserve:completed',
        'ship:failed',
        'ship:failed',
        'undo:charge:completed',
      ]);
      expect(app.get(Shop).log.slice(-4)).toEqual([expect.stringMatching('charge'), 'ship 1', 'ship 2', 'refund']);
    } finally {
      await app.close();
    }
  });
});

// Covers: transactional steps that catch what failed, end their transaction themselves or keep it: nothing is journaled of them,
// and every connection is given back clean. Steps that behave: transactional-steps.spec.ts.
import type { EntityManager } from 'typeorm';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { apps, bootWith, guests, once, Seat } from './seats.fixture.js';

/** Connections of the application's pool that were given back inside a transaction. */
async function strayTransactions(app: DurableApp): Promise<unknown[]> {
  const pool = (app.dataSource.driver as unknown as { master: { totalCount: number } }).master;
  const found: unknown[] = [];
  const runners = Array.from({ length: pool.totalCount }, () => app.dataSource.createQueryRunner());
  for (const runner of runners) {
    const [row] = (await runner.query('select now() = statement_timestamp() as outside')) as { outside: boolean }[];
    if (!row.outside) found.push(row);
  }
  for (const runner of runners) await runner.release();
  return found;
}

describe('a step that mistreats its transaction', () => {
  it('by catching the error of a statement is not committed, and is told so', async () => {
    const app = await bootWith(async (ctx) => {
      await ctx.manager.insert(Seat, { guest: 'ada' });
      await ctx.manager.insert(Seat, { guest: 'ada' }).catch(() => undefined);
      return 'all is well';
    });

    const run = await app.runner.start('book');
    await expect(run.result()).rejects.toThrow('was not committed: the server answered ROLLBACK');

    const { error } = await run.snapshot();
    expect(error).toMatchObject({
      code: 'DURABLE_TRANSACTION_NOT_COMMITTED',
      step: 'seat',
      message: expect.stringContaining('A statement in it failed and its error was caught'),
    });
    expect(await guests()).toEqual([]);
    expect(await apps.journalKeys(run.id)).toEqual([]);
    expect(await strayTransactions(app)).toEqual([]);
  });

  it('by a subscriber that catches the error of a statement right before the commit is not committed either', async () => {
    const app = await bootWith(async (ctx) => void (await ctx.manager.insert(Seat, { guest: 'ada' })));
    app.dataSource.subscribers.push({
      beforeTransactionCommit: async ({ manager }) => {
        await manager.query('select 1 / 0').catch(() => undefined);
      },
    });

    const run = await app.runner.start('book');
    await expect(run.result()).rejects.toThrow('was not committed: the server answered ROLLBACK');

    expect(await guests()).toEqual([]);
    expect(await apps.journalKeys(run.id)).toEqual([]);
    expect(await strayTransactions(app)).toEqual([]);
  });

  it.each([
    ['commits it', 'commit'],
    ['commits it and begins another', 'commit; begin'],
    ['rolls it back', 'rollback'],
    ['rolls it back and begins another', 'rollback; begin'],
  ])('%s is refused at once: no journal row, no second attempt', async (_, sql) => {
    let calls = 0;
    const app = await bootWith(
      async (ctx) => {
        calls++;
        await ctx.manager.query('select 1');
        await ctx.manager.query(sql);
      },
      { transactional: true, maxAttempts: 5, backoff: () => 0 },
    );

    const run = await app.runner.start('book');
    await expect(run.result()).rejects.toThrow('was ended by the step itself');

    expect(calls).toBe(1);
    expect(await apps.journalKeys(run.id)).toEqual([]);
    expect(await strayTransactions(app)).toEqual([]);
  });

  it('by releasing its connection is refused', async () => {
    const app = await bootWith(async (ctx) => {
      await ctx.manager.query('commit');
      await ctx.manager.queryRunner!.release();
    });

    await expect(app.runner.startAndWait('book')).rejects.toThrow('was ended by the step itself');
    expect(await strayTransactions(app)).toEqual([]);
  });

  it('by leaving a nested transaction open when it times out gives its connection back clean', async () => {
    const gate = new Gate();
    const app = await bootWith(
      (ctx) =>
        ctx.manager.transaction(async (nested) => {
          await nested.insert(Seat, { guest: 'ada' });
          await gate.pass();
        }),
      { ...once, timeout: 30 },
    );

    await expect(app.runner.startAndWait('book')).rejects.toThrow('StepTimeoutError');
    gate.open();

    expect(await strayTransactions(app)).toEqual([]);
    expect(await guests()).toEqual([]);
  });

  it('by using its manager after the end is refused by the manager', async () => {
    let kept!: EntityManager;
    const { runner } = await bootWith(async (ctx) => {
      kept = ctx.manager;
      await ctx.manager.insert(Seat, { guest: 'ada' });
    });

    await runner.startAndWait('book');

    await expect(kept.insert(Seat, { guest: 'late' })).rejects.toThrow();
    expect(await guests()).toEqual(['ada']);
  });
});

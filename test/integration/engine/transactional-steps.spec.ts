// Covers: steps with a transaction of their own: effect and journal row commit together or not at all. Steps that end or break
// their transaction themselves: mistreated-transactions.spec.ts. A process that dies in one: test/crash. A lost lease:
// fencing.spec.ts. Statements that hang: timeouts.spec.ts.
import type { DataSource, EntityManager } from 'typeorm';
import { durable, type DurableContext } from '../../../lib/index.js';
import type { DurableApp } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { apps, bootWith, Day, guests, once, Seat } from './seats.fixture.js';

it('commits the effect, the journal row and the move of the run together', async () => {
  const xids: string[] = [];
  const { runner } = await bootWith(async (ctx) => {
    await ctx.manager.insert(Seat, { guest: 'ada' });
    const [{ xid }] = await ctx.manager.query('select pg_current_xact_id()::text as xid');
    xids.push(xid);
    return { seat: 1 };
  });

  const run = await runner.start('book');

  expect(await run.result()).toEqual({ seat: { seat: 1 }, after: 'on' });
  expect(await guests()).toEqual(['ada']);
  const [row] = await apps.sql(
    `select (select xmin::text from durable.journal where run_id = $1 and key = 'seat') as journal,
            (select xmin::text from seat) as effect`,
    [run.id],
  );
  expect(row).toEqual({ journal: xids[0], effect: xids[0] });
});

it('rolls the effect back when the handler throws, and commits that of the attempt that succeeds', async () => {
  const { runner } = await bootWith(
    async (ctx) => {
      await ctx.manager.insert(Seat, { guest: `attempt ${ctx.attempt}` });
      if (ctx.attempt < 3) throw new Error('no');
    },
    { transactional: true, backoff: () => 0 },
  );

  await runner.startAndWait('book');

  expect(await guests()).toEqual(['attempt 3']);
});

it('rolls the effect back when the result is no JSON', async () => {
  const { runner } = await bootWith(async (ctx) => {
    await ctx.manager.insert(Seat, { guest: 'ada' });
    return { at: new Date() };
  });

  await expect(runner.startAndWait('book')).rejects.toThrow('$.at is a Date');
  expect(await guests()).toEqual([]);
});

it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const)(
  'runs at isolation level %s',
  async (isolation) => {
    const { runner } = await bootWith(
      async (ctx) => (await ctx.manager.query('show transaction_isolation'))[0].transaction_isolation,
      { transactional: isolation },
    );

    expect(await runner.startAndWait('book')).toMatchObject({ seat: isolation.toLowerCase() });
  },
);

describe('a conflict with another transaction', () => {
  it('of serializable steps is tried again within the attempt, until all have their turn', async () => {
    await apps.sql('insert into counter values (1, 0)');
    const attempts: number[] = [];
    const { runner } = await bootWith(
      async (ctx) => {
        attempts.push(ctx.attempt);
        const [{ n }] = await ctx.manager.query('select n from counter where id = 1');
        await ctx.manager.query('update counter set n = $1 where id = 1', [n + 1]);
        return n;
      },
      { transactional: 'SERIALIZABLE', maxAttempts: 20, backoff: () => 0 },
    );

    const runs = await runner.startMany(
      'book',
      Array.from({ length: 8 }, (_, n) => n),
    );
    const results = await Promise.all(runs.map((run) => run.result()));

    expect(await apps.sql('select n from counter')).toEqual([{ n: 8 }]);
    expect(results.map((result) => result.seat).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(attempts.length).toBeGreaterThan(8);
  });

  it('that fails once does not count as an attempt', async () => {
    let calls = 0;
    const seen: number[] = [];
    const { runner } = await bootWith(async (ctx) => {
      seen.push(ctx.attempt);
      await ctx.manager.insert(Seat, { guest: `call ${++calls}` });
      if (calls < 3) await ctx.manager.query(`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`);
    });

    const run = await runner.start('book');
    await run.result();

    expect(seen).toEqual([1, 1, 1]);
    expect(await guests()).toEqual(['call 3']);
    expect(await apps.count('attempt')).toBe(0);
  });

  it('that never ends fails the attempt after a few tries', async () => {
    let calls = 0;
    const { runner } = await bootWith(async (ctx) => {
      calls++;
      await ctx.manager.query(`do $$ begin raise exception 'conflict' using errcode = '40P01'; end $$`);
    });

    const run = await runner.start('book');
    await expect(run.result()).rejects.toThrow('conflict');

    expect(calls).toBe(6);
    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { code: '40P01', step: 'seat' } });
    expect(await apps.count('attempt')).toBe(1);
  });

  it('that is a real deadlock of two runs ends with both done', async () => {
    await apps.sql('insert into counter values (1, 0), (2, 0)');
    const both = [new Gate(), new Gate()];
    const add = (manager: EntityManager, id: number): Promise<unknown> =>
      manager.query('update counter set n = n + 1 where id = $1', [id]);
    const { runner } = await bootWith(async (ctx: DurableContext<number>) => {
      await add(ctx.manager, ctx.input);
      const other = both[2 - ctx.input];
      both[ctx.input - 1].open();
      await other.pass();
      await add(ctx.manager, 3 - ctx.input);
    });

    const runs = await runner.startMany('book', [1, 2]);
    await Promise.all(runs.map((run) => run.result({ timeout: '60s' })));

    expect(await apps.sql('select id, n from counter order by id')).toEqual([
      { id: 1, n: 2 },
      { id: 2, n: 2 },
    ]);
    expect(await apps.count('attempt')).toBe(0);
  });

  it('raised at COMMIT, by a deferred constraint, fails the attempt and leaves nothing', async () => {
    await apps.sql(`create table deferred (n int, constraint one_only unique (n) deferrable initially deferred)`);
    const { runner } = await bootWith(async (ctx) => {
      await ctx.manager.query('insert into deferred values (1), (1)');
    });

    const run = await runner.start('book');
    await expect(run.result()).rejects.toThrow('duplicate key');

    expect(await apps.sql('select * from deferred')).toEqual([]);
    expect(await apps.journalKeys(run.id)).toEqual([]);
    await apps.sql('drop table deferred');
  });
});

describe('nested transactions', () => {
  it('are savepoints: one that fails and is caught leaves the rest', async () => {
    const { runner } = await bootWith(async (ctx) => {
      await ctx.manager.insert(Seat, { guest: 'ada' });
      await ctx.manager
        .transaction(async (nested) => {
          await nested.insert(Seat, { guest: 'grace' });
          await nested.insert(Seat, { guest: 'ada' });
        })
        .catch(() => undefined);
      await ctx.manager.transaction((nested) => nested.insert(Seat, { guest: 'joan' }));
    });

    await runner.startAndWait('book');

    expect(await guests()).toEqual(['ada', 'joan']);
  });
});

describe('what TypeORM returns of a write', () => {
  it('is journaled as identifiers and the number of affected rows', async () => {
    const plan = durable('writes')
      .step('insert', (ctx) => ctx.manager.insert(Seat, [{ guest: 'ada' }, { guest: 'grace' }]), once)
      .step('update', (ctx) => ctx.manager.update(Seat, { guest: 'ada' }, { guest: 'joan' }), once)
      .step('delete', async (ctx) => ctx.manager.delete(Seat, { guest: 'nobody' }), once)
      .step('upsert', (ctx) => ctx.manager.upsert(Seat, { guest: 'joan' }, ['guest']), once)
      .step('date', (ctx) => ctx.manager.insert(Day, { date: new Date('2030-01-01T00:00:00Z') }), once)
      .step('several', async (ctx) => [await ctx.manager.insert(Seat, { guest: 'mary' }), 'and'], once)
      .step(
        'returning',
        (ctx) => ctx.manager.createQueryBuilder().insert().into(Seat).values({ guest: 'x' }).returning('*').execute(),
        once,
      );
    const { runner } = await apps.boot({ typeorm: { entities: [Seat, Day] }, workflows: [plan] });

    expect(await runner.startAndWait('writes')).toEqual({
      insert: { identifiers: [{ id: 1 }, { id: 2 }] },
      update: { affected: 1 },
      delete: { affected: 0 },
      upsert: { identifiers: [{ id: 1 }] },
      date: { identifiers: [{ date: '2030-01-01T00:00:00.000Z' }] },
      several: [{ identifiers: [{ id: expect.any(Number) }] }, 'and'],
      returning: { identifiers: [{ id: expect.any(Number) }] },
    });
  });
});

describe('ctx.manager', () => {
  it('throws in a step that is not transactional, which fails at once', async () => {
    let calls = 0;
    const { runner } = await bootWith(
      (ctx) => {
        calls++;
        return ctx.manager.query('select 1');
      },
      { maxAttempts: 3, backoff: () => 0 },
    );

    const run = await runner.start('book');
    await expect(run.result()).rejects.toThrow('NotTransactionalError');

    expect((await run.snapshot()).error!.message).toBe(
      'Step "seat" has no transaction, so ctx.manager is not available. Declare it with @Step({ transactional: true }), or inject a repository of your own.',
    );
    expect(calls).toBe(1);
  });

  it('starts another run in the transaction of the step: both or neither', async () => {
    const handler = async (ctx: DurableContext<{ fail: boolean }>): Promise<string> => {
      const { id } = await app.runner.start('other', ctx.input, { manager: ctx.manager });
      await ctx.manager.insert(Seat, { guest: id });
      if (ctx.input.fail) throw new Error('no');
      return id;
    };
    const app: DurableApp = await apps.boot({
      typeorm: { entities: [Seat] },
      workflows: [durable('book').step('seat', handler, once), durable('other').step('work', () => 'done')],
    });

    const { seat: id } = await app.runner.startAndWait('book', { fail: false });
    await expect(app.runner.startAndWait('book', { fail: true })).rejects.toThrow('no');

    expect(await app.runner.result(id, { timeout: '60s' })).toEqual({ work: 'done' });
    expect(await guests()).toEqual([id]);
    expect(await app.runner.list({ workflow: 'other' })).toHaveLength(1);
  });
});

describe('a connection that the server cuts', () => {
  async function killBackendOf(manager: EntityManager | DataSource): Promise<void> {
    const [{ pid }] = await manager.query('select pg_backend_pid() as pid');
    await apps.sql('select pg_terminate_backend($1)', [pid]);
  }

  it('in the middle of the step fails the attempt, and the next one begins anew', async () => {
    const { runner } = await bootWith(
      async (ctx) => {
        await ctx.manager.insert(Seat, { guest: `attempt ${ctx.attempt}` });
        if (ctx.attempt === 1) await killBackendOf(ctx.manager);
        await ctx.manager.query('select 1');
      },
      { transactional: true, backoff: () => 0 },
    );

    const run = await runner.start('book');
    await run.result();

    expect(await guests()).toEqual(['attempt 2']);
    expect(await apps.journalKeys(run.id)).toEqual(['seat', 'after']);
  });
});

it('does not exhaust the pool: more runs than connections all get their turn', async () => {
  const app = await apps.boot({
    typeorm: { entities: [Seat], extra: { max: 2 } } as object,
    workflows: [
      durable('book').step(
        'seat',
        (ctx: DurableContext<number>) => ctx.manager.insert(Seat, { guest: `${ctx.input}` }),
        once,
      ),
    ],
  });

  const runs = await app.runner.startMany(
    'book',
    Array.from({ length: 40 }, (_, n) => n),
  );
  await Promise.all(runs.map((run) => run.result()));

  expect(await guests()).toHaveLength(40);
});

it('tells subscribers of the DataSource about the commit, and their errors after it change nothing', async () => {
  const heard: string[] = [];
  const app = await bootWith(async (ctx) => void (await ctx.manager.insert(Seat, { guest: 'ada' })));
  app.dataSource.subscribers.push({
    beforeTransactionCommit: () => void heard.push('before'),
    afterTransactionCommit: () => {
      heard.push('after');
      throw new Error('a subscriber failed');
    },
  });

  expect(await app.runner.startAndWait('book')).toEqual({ seat: null, after: 'on' });
  expect(heard).toEqual(['before', 'after']);
  expect(await guests()).toEqual(['ada']);
});

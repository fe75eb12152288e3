// Covers: what bounds a transactional step outside its handler (the wait for a connection, for the lock of its run, for its
// commit), and what its handler left running when it ended. Statements of the handler that hang: timeouts.spec.ts.
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { durable, type DurableContext, type StepHandler } from '../../../lib/index.js';
import { DurableTesting, VirtualClock } from '../../../lib/testing/index.js';
import type { DurableApp, DurableAppOptions } from '../../support/durable-app.js';
import { until } from '../../support/durable-app.js';
import { Gate } from '../../support/gate.js';
import { apps, bootWith, guests, once, Seat } from './seats.fixture.js';

const SOON = { timeout: '60s' } as const;
const LIMITED = { ...once, timeout: '30s' } as const;

/** The application's pool, of two connections. */
interface Pool {
  readonly waitingCount: number;
  readonly idleCount: number;
}

function poolOf(app: DurableApp): Pool {
  return (app.dataSource.driver as unknown as { master: Pool }).master;
}

/** Takes every connection of the application's pool; @returns what gives them back. */
async function useUp(app: DurableApp): Promise<() => Promise<void>> {
  const holders = [app.dataSource.createQueryRunner(), app.dataSource.createQueryRunner()];
  for (const holder of holders) await holder.connect();
  return async () => {
    for (const holder of holders) await holder.release();
  };
}

function boot(handler: StepHandler, options: object, more: DurableAppOptions = {}): Promise<DurableApp> {
  const plans = [durable('book').step('seat', handler, options), durable('plain').step('one', () => 1)];
  const typeorm = { entities: [Seat], poolSize: 2 };
  return apps.boot({ typeorm, worker: { concurrency: 1 }, workflows: plans, ...more });
}

/** Lets time pass for what waits now. */
function pass(clock: VirtualClock, duration: string): void {
  clock.move(duration);
  clock.fire();
}

async function waiting(app: DurableApp): Promise<void> {
  const count = (): number => poolOf(app).waitingCount;
  expect(await until(count, (n) => n > 0)).toBe(1);
}

/** Resolves when `n` connections wait for a lock that another one has. */
async function blocked(n: number): Promise<void> {
  const text = `select count(*)::int as n from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`;
  const count = async (): Promise<number> => (await apps.sql<{ n: number }>(text))[0].n;
  expect(await until(count, (found) => found === n)).toBe(n);
}

describe('a pool that the application has used up', () => {
  it('costs the step its timeout and nothing else: its slot is free after that, and the pool as before', async () => {
    let calls = 0;
    const clock = new VirtualClock();
    const app = await boot(() => ++calls, LIMITED, { clock });
    const giveBack = await useUp(app);

    const run = await app.runner.start('book');
    await waiting(app);
    pass(clock, '30s');

    await until(
      () => run.snapshot(),
      ({ status }) => status === 'failed',
    );
    expect((await run.snapshot()).error).toMatchObject({ step: 'seat', code: 'DURABLE_STEP_TIMEOUT' });
    await DurableTesting.of(app.moduleRef).drain();
    expect(await (await app.runner.start('plain')).result(SOON)).toEqual({ one: 1 });
    await giveBack();
    await until(
      () => poolOf(app).idleCount,
      (idle) => idle === 2,
    );
    expect([poolOf(app).idleCount, calls]).toEqual([2, 0]);
  });

  it('is waited for again by the next attempt', async () => {
    const clock = new VirtualClock();
    const app = await boot(
      (ctx) => ctx.manager.insert(Seat, { guest: `attempt ${ctx.attempt}` }),
      { ...LIMITED, maxAttempts: 2, backoff: () => 1 },
      { clock },
    );
    const giveBack = await useUp(app);

    const run = await app.runner.start('book');
    await waiting(app);
    pass(clock, '30s');
    await until(
      () => run.snapshot(),
      ({ status }) => status === 'suspended',
    );
    await giveBack();
    await DurableTesting.of(app.moduleRef).advance('1s');

    expect(await guests()).toEqual(['attempt 2']);
  });

  it('does not keep a worker that stops', async () => {
    const app = await boot(() => 1, { ...once, timeout: '10m' });
    const giveBack = await useUp(app);
    const run = await app.runner.start('book');
    await waiting(app);

    await app.engine.worker!.stop();

    expect(app.engine.worker!.sessions.size).toBe(0);
    expect(await apps.runRow(run.id)).toMatchObject({ status: 'pending', worker_id: null, deliveries: 0 });
    await giveBack();
  });
});

describe('a run whose row somebody keeps locked', () => {
  it('has its attempt ended at the timeout, and nothing of it is written once the row is free', async () => {
    const gate = new Gate();
    const clock = new VirtualClock();
    const app = await boot(
      async (ctx) => {
        await ctx.manager.insert(Seat, { guest: 'ada' });
        await gate.pass();
      },
      LIMITED,
      { clock },
    );
    const run = await app.runner.start('book');
    await gate.reached;

    await apps.withClient(async (client) => {
      await client.query('begin');
      await client.query('select from durable.run where id = $1 for update', [run.id]);
      gate.open();
      await blocked(1);
      pass(clock, '30s');
      await blocked(0);
      await client.query('commit');
    });

    await expect(run.result(SOON)).rejects.toThrow('StepTimeoutError');
    expect(await guests()).toEqual([]);
    expect(await apps.journalKeys(run.id)).toEqual([]);
  });
});

describe('a commit that does not come to its end', () => {
  beforeAll(async () => {
    await apps.sql(
      `create function stand() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return null; end $$`,
    );
    await apps.sql(
      `create constraint trigger stand after insert on seat deferrable initially deferred for each row
         when (new.guest = 'ada') execute function stand()`,
    );
  });
  afterAll(async () => {
    await apps.sql('drop function stand cascade');
  });

  it('is broken off at the timeout, and the attempt has failed with it when nothing was committed', async () => {
    const clock = new VirtualClock();
    const app = await boot((ctx) => ctx.manager.insert(Seat, { guest: 'ada' }), LIMITED, { clock });
    const run = await app.runner.start('book');
    const text = `select from pg_stat_activity where query = 'COMMIT' and wait_event = 'PgSleep' and datname = current_database()`;
    await until(
      () => apps.sql(text),
      (rows) => rows.length === 1,
    );
    pass(clock, '30s');

    await expect(run.result(SOON)).rejects.toThrow('StepTimeoutError');
    expect(await apps.sql(text)).toEqual([]);
    expect([await guests(), await apps.journalKeys(run.id)]).toEqual([[], []]);
  });

  it('is waited for when the DataSource is destroyed meanwhile, which ends then', async () => {
    const clock = new VirtualClock();
    const app = await boot((ctx) => ctx.manager.insert(Seat, { guest: 'ada' }), LIMITED, { clock });
    const run = await app.runner.start('book');
    const committing = `select pid from pg_stat_activity where query = 'COMMIT' and wait_event = 'PgSleep' and datname = current_database()`;
    const found = await until(
      () => apps.sql<{ pid: number }>(committing),
      (rows) => rows.length === 1,
    );
    const { connectedQueryRunners } = app.dataSource.driver as PostgresDriver;
    // It would release them again and again, without a turn of the event loop, and no test could tell of it.
    expect(connectedQueryRunners.map(({ isReleased }) => isReleased)).not.toContain(true);

    const destroyed = app.dataSource.destroy();
    await apps.sql(`select pg_cancel_backend(${found[0].pid})`);
    await destroyed;

    expect(await guests()).toEqual([]);
    expect(await apps.journalKeys(run.id)).toEqual([]);
    await app.close();
  });
});

describe('another try after a conflict', () => {
  it('has what is left of the time of the attempt', async () => {
    const gates = [new Gate(), new Gate()];
    let calls = 0;
    const clock = new VirtualClock();
    const app = await boot(
      async (ctx) => {
        await gates[calls++].pass();
        await ctx.manager.query(`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`);
      },
      LIMITED,
      { clock },
    );

    const run = await app.runner.start('book');
    await gates[0].reached;
    pass(clock, '29s');
    gates[0].open();
    await gates[1].reached;
    pass(clock, '1s');

    await expect(run.result(SOON)).rejects.toThrow('StepTimeoutError');
    expect(calls).toBe(2);
  });
});

describe('what a handler left running when it ended', () => {
  /** Two chains of statements beside each other: one fails, and the other one has more to write. */
  async function failBeside(ctx: DurableContext, writes: number, settled: Gate): Promise<void> {
    const chain = async (): Promise<void> => {
      for (let n = 0; n < writes; n++) await ctx.manager.insert(Seat, { guest: `late ${n}` });
    };
    const fail = async (): Promise<void> => {
      await ctx.manager.query('select 1');
      throw new Error('no');
    };
    const writing = chain();
    void writing.catch(() => undefined).finally(() => settled.open());
    await Promise.all([fail(), writing]);
  }

  it('writes nothing after the transaction that it failed in', async () => {
    const settled = new Gate();
    const { runner } = await bootWith((ctx) => failBeside(ctx, 50, settled));

    await expect(runner.startAndWait('book')).rejects.toThrow('no');
    await settled.pass();

    expect(await guests()).toEqual([]);
  });

  it('writes nothing after the commit', async () => {
    const settled = new Gate();
    const { runner } = await bootWith((ctx) => {
      void failBeside(ctx, 50, settled).catch(() => undefined);
    });

    const run = await runner.start('book');
    await run.result(SOON);
    await settled.pass();

    const [{ strays }] = await apps.sql(
      `select count(*)::int as strays from seat
        where xmin <> (select xmin from durable.journal where run_id = $1 and key = 'seat')`,
      [run.id],
    );
    expect(strays).toBe(0);
  });
});

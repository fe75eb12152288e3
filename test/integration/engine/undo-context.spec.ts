// Covers: what a compensation is given: the transaction of a transactional step, the cause, and the keys of what it
// undoes. The order, retries and failures of undos: compensation.spec.ts. Keys after an operator's retry from a node:
// test/integration/runner/repair.spec.ts.
import { durable, type CompensationCause, type DurableContext } from '../../../lib/index.js';
import type { DurableTesting } from '../../../lib/testing/index.js';
import { DurableApps } from '../../support/durable-app.js';

const apps = new DurableApps();

beforeAll(() => apps.sql('create table ledger (entry text not null, run uuid)'));
afterEach(() => apps.sql('truncate ledger'));

const write = (entry: string) => (ctx: DurableContext) =>
  ctx.manager.query<unknown>('insert into ledger values ($1, $2)', [entry, ctx.runId]);
const ledger = async (): Promise<string[]> => {
  return (await apps.sql<{ entry: string }>('select entry from ledger order by entry')).map(({ entry }) => entry);
};
/** In parts: `advance` does not wait for an attempt that takes the database a while. */
async function passAnHour(testing: DurableTesting): Promise<void> {
  for (let part = 0; part < 4; part++) {
    await testing.drain();
    await testing.advance('15m');
  }
  await testing.drain();
}
const fail = (): never => {
  throw new Error('no stock');
};

describe('the undo of a transactional step', () => {
  it('commits together with its journal row', async () => {
    const order = durable('order')
      .step('reserve', write('reserved'), { transactional: true, compensate: write('released') })
      .step('ship', fail, { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order');
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'no stock' } });
    expect(await ledger()).toEqual(['released', 'reserved']);
    expect(await apps.journalKeys(run.id)).toEqual(['reserve', 'undo:reserve']);
  });

  it('leaves nothing behind of an attempt that failed after it had written', async () => {
    let attempts = 0;
    const order = durable('order')
      .step('reserve', () => 1, {
        transactional: 'SERIALIZABLE',
        compensate: async (ctx) => {
          await write(`released ${++attempts}`)(ctx);
          const [{ level }] = await ctx.manager.query(`select current_setting('transaction_isolation') as level`);
          if (attempts < 3) throw new Error(`${level} attempt ${attempts}`);
          return level as string;
        },
      })
      .step('ship', fail, { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order');
    await passAnHour(testing);
    expect(await run.snapshot()).toMatchObject({ status: 'failed' });
    expect(await ledger()).toEqual(['released 3']);
    const journal = (await runner.journal(run.id)).filter(({ key }) => key === 'undo:reserve');
    expect(journal.map(({ result, error }) => result ?? error!.message)).toEqual([
      ...['serializable attempt 1', 'serializable attempt 2', 'serializable'],
    ]);
  });

  it('that always fails ends the run, with nothing of it committed, and can be retried', async () => {
    let broken = true;
    const order = durable('order')
      .step('reserve', () => 1, {
        transactional: true,
        compensate: async (ctx) => {
          await write('released')(ctx);
          if (broken) throw new Error('locked');
        },
      })
      .step('ship', fail, { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order');
    await passAnHour(testing);
    expect(await run.snapshot()).toMatchObject({ status: 'compensation_failed', error: { message: 'locked' } });
    expect(await ledger()).toEqual([]);
    broken = false;
    await runner.retry(run.id);
    await testing.drain();
    expect(await run.snapshot()).toMatchObject({ status: 'failed', error: { message: 'no stock' } });
    expect(await ledger()).toEqual(['released']);
  });

  it('writes nothing for a run that was taken from it meanwhile', async () => {
    const order = durable('order')
      .step('reserve', () => 1, {
        transactional: true,
        compensate: async (ctx) => {
          await write('released')(ctx);
          await apps.sql('update durable.run set epoch = epoch + 1 where id = $1', [ctx.runId]);
        },
      })
      .step('ship', fail, { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order');
    await testing.drain();
    expect(await ledger()).toEqual([]);
    expect(await apps.journalKeys(run.id)).toEqual(['reserve']);
  });
});

describe('in a compensation, the context', () => {
  interface Seen {
    readonly key: string;
    readonly cause: CompensationCause | undefined;
  }
  const seen: Seen[] = [];
  const see = (ctx: DurableContext): void => void seen.push({ key: ctx.idempotencyKey, cause: ctx.cause });
  afterEach(() => seen.splice(0));
  const order = durable('order')
    .step('charge', see, { compensate: see })
    .waitForSignal('go', 'go')
    .step('ship', fail, { maxAttempts: 1 });

  it('says what failed', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order');
    await run.signal('go');
    await testing.drain();
    const [forward, back] = seen;
    expect(forward).toEqual({ key: `${run.id}:charge`, cause: undefined });
    expect(back.key).toBe(`${run.id}:undo:charge`);
    expect(back.cause).toMatchObject({ type: 'failed', error: { name: 'Error', message: 'no stock', step: 'ship' } });
    expect((back.cause as { error: unknown }).error).toBeInstanceOf(Error);
  });

  it('says what failed, also when an operator has retried an undo that gave up', async () => {
    const causes: unknown[] = [];
    const stubborn = durable('stubborn')
      .step('charge', () => 1, {
        compensate: (ctx) => {
          causes.push((ctx.cause as { error: Error }).error.message);
          if (causes.length < 4) throw new Error('not yet');
        },
      })
      .step('ship', fail, { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [stubborn] });
    const run = await runner.start('stubborn');
    await passAnHour(testing);
    await runner.retry(run.id);
    await testing.drain();
    expect(causes).toEqual(['no stock', 'no stock', 'no stock', 'no stock']);
  });

  it('says that and why the run was canceled', async () => {
    const { runner, testing } = await apps.bootVirtual({ workflows: [order] });
    const run = await runner.start('order');
    await testing.drain();
    await run.cancel('changed my mind');
    await testing.drain();
    expect(seen.at(-1)).toEqual({
      ...{ key: `${run.id}:undo:charge`, cause: { type: 'canceled', reason: 'changed my mind' } },
    });
  });

  it('names the keys under which other units were done', async () => {
    const keys: string[] = [];
    const named = durable('named')
      .step('charge', () => 1, {
        compensate: (ctx) => {
          keys.push(ctx.idempotencyKeyOf('charge'), ctx.idempotencyKeyOf('notify.sms'), ctx.idempotencyKeyOf('pack#3'));
          ctx.idempotencyKeyOf('chrage');
        },
      })
      .parallel('notify', [{ name: 'sms', handler: () => 1 }])
      .forEach('pack', () => 1, { items: () => [] })
      .step('ship', fail, { maxAttempts: 1 });
    const { runner, testing } = await apps.bootVirtual({ workflows: [named], retry: { maxAttempts: 1 } });
    const run = await runner.start('named');
    await testing.drain();
    expect(keys).toEqual([`${run.id}:charge`, `${run.id}:notify.sms`, `${run.id}:pack#3`]);
    const { error } = await run.snapshot();
    expect(error!.message).toBe(
      'Invalid option step of idempotencyKeyOf: got "chrage", expected a node of workflow "named": charge, notify, pack, ship.',
    );
  });
});

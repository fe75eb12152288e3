/** Large orders, which wait for somebody's approval, and the time in which customers may think again. */
import { VirtualClock } from '../../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

/** 30 kettles: 2,370.00. */
const large = (id: string) => order(id, { lines: [{ sku: 'kettle-iron', quantity: 30 }] });

describe('a large order', () => {
  let database: TestDatabase;
  let shop: Shop;

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    shop = await Shop.open(database.url, { clock: new VirtualClock() });
  });

  afterAll(async () => {
    await shop?.close();
    await database?.drop();
  });

  const place = async (id: string): Promise<void> => {
    await shop.post('/orders', large(id));
    await shop.time.drain();
  };
  const decide = (id: string, approved: boolean) =>
    shop.post(`/orders/${id}/approval`, { approved, by: 'grace@shop.example' });

  it('waits, charges nothing, and asks for an approval', async () => {
    await place('waiting');

    const { order: view, run } = (await shop.get('/orders/waiting')).body;
    expect(view.status).toBe('accepted');
    expect(run).toMatchObject({ status: 'suspended', awaitingSignal: 'approval' });
    expect(shop.network.count('payments.charge')).toBe(0);
    const mails = await shop.query(`select template, recipient from shop.notification where order_id = 'waiting'`);
    expect(mails).toEqual([{ template: 'approval-wanted', recipient: 'approvals@shop.example' }]);
  });

  it('goes on when it is approved', async () => {
    await place('approved');

    expect(await decide('approved', true)).toMatchObject({ status: 202, body: { id: 'approved' } });
    await shop.time.drain();

    const { order: view, run } = await shop.ended('approved');
    expect(view.status).toBe('delivered');
    expect(run.results.approval).toEqual({ approved: true, by: 'grace@shop.example' });
  });

  it('is rejected, uncharged, when it is refused', async () => {
    await place('refused');

    await decide('refused', false);
    await shop.time.drain();

    const { order: view, run } = await shop.ended('refused');
    expect(view.status).toBe('rejected');
    expect(run.error).toMatchObject({ step: 'clear', message: 'grace@shop.example refused order refused' });
    expect(await shop.journalKeys('refused')).toEqual(['accept', 'undo:accept']);
    expect(await shop.query(`select 1 from shop.payment where order_id = 'refused'`)).toEqual([]);
  });

  it('is rejected when nobody has decided after three days', async () => {
    await place('forgotten');

    await shop.time.advance('71h');
    expect((await shop.get('/orders/forgotten')).body.run.status).toBe('suspended');
    await shop.time.advance('1h');
    await shop.time.drain();

    const { order: view, run } = await shop.ended('forgotten');
    expect(view.status).toBe('rejected');
    expect(run.error).toMatchObject({ message: 'nobody approved order forgotten in time' });
  });

  it('takes the first of two decisions, and answers 409 to the second', async () => {
    await place('decided-twice');

    await decide('decided-twice', true);
    await shop.time.drain();
    const second = await decide('decided-twice', false);

    expect(second).toMatchObject({
      status: 409,
      body: { message: 'order decided-twice does not wait for an approval' },
    });
    expect((await shop.ended('decided-twice')).order.status).toBe('delivered');
  });

  it('can be canceled while it waits', async () => {
    await place('changed-my-mind');

    await shop.post('/orders/changed-my-mind/cancel');
    await shop.time.drain();

    expect((await shop.ended('changed-my-mind')).order.status).toBe('canceled');
  });

  it('answers 409 to an approval of an order that needed none', async () => {
    await shop.post('/orders', order('small'));
    await shop.time.drain();

    expect((await decide('small', false)).status).toBe(409);
    expect((await shop.ended('small')).order.status).toBe('delivered');
  });

  it('answers 404 without an order, and 400 to what is no decision', async () => {
    expect((await decide('nowhere', true)).status).toBe(404);
    expect(await shop.post('/orders/waiting/approval', { approved: 'yes' })).toMatchObject({
      status: 400,
      body: { message: ['approved must be true or false', expect.stringContaining('by must be') as string] },
    });
  });
});

describe('an approval that comes before the order waits for it', () => {
  it('is kept until then', async () => {
    const database = await createTestDatabase({ keptSessions: true });
    const web = await Shop.open(database.url, { role: 'web' });
    try {
      await web.post('/orders', large('approved-early'));
      const decided = await web.post('/orders/approved-early/approval', { approved: true, by: 'grace@shop.example' });
      expect(decided.status).toBe(202);

      const worker = await Shop.open(database.url, { role: 'worker' });
      try {
        expect((await web.ended('approved-early')).order.status).toBe('delivered');
      } finally {
        await worker.close();
      }
    } finally {
      await web.close();
      await database.drop();
    }
  });
});

describe('the time to think again', () => {
  let database: TestDatabase;
  let shop: Shop;

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    shop = await Shop.open(database.url, { clock: new VirtualClock(), graceMs: 600_000 });
  });

  afterAll(async () => {
    await shop?.close();
    await database?.drop();
  });

  it('passes before anything is charged', async () => {
    await shop.post('/orders', order('patient'));
    await shop.time.drain();
    await shop.time.advance('9m');
    expect(shop.network.count('payments.charge')).toBe(0);

    await shop.time.advance('1m');
    await shop.time.drain();

    expect(shop.network.count('payments.charge')).toBe(1);
    expect((await shop.ended('patient')).order.status).toBe('delivered');
  });

  it('lets an order be canceled without a refund', async () => {
    await shop.post('/orders', order('impulse'));
    await shop.time.drain();
    await shop.time.advance('5m');

    await shop.post('/orders/impulse/cancel');
    await shop.time.drain();

    expect((await shop.ended('impulse')).order.status).toBe('canceled');
    expect(await shop.query(`select status from shop.payment where order_id = 'impulse'`)).toEqual([
      { status: 'voided' },
    ]);
  });
});

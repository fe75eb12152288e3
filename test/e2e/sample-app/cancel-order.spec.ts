/** Canceling orders: before anything happened, in the middle of a call, too late. Failures: failing-order.spec.ts. */
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

describe('canceling an order', () => {
  let database: TestDatabase;
  let shop: Shop;

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    shop = await Shop.open(database.url);
  });

  afterAll(async () => {
    await shop?.close();
    await database?.drop();
  });

  it('gives back a charge whose answer had not arrived', async () => {
    const call = shop.network.hold('payments.charge');
    await shop.post('/orders', order('while-charging'));
    await call.reached;

    const canceled = await shop.post('/orders/while-charging/cancel', { reason: 'changed my mind' });
    expect(canceled.status).toBe(202);
    const { order: view, run } = await shop.ended('while-charging');

    expect(view.status).toBe('canceled');
    expect(run.status).toBe('canceled');
    expect(await shop.journalKeys('while-charging')).toEqual([...['accept', 'clear', 'undo:clear', 'undo:accept']]);
    expect(await shop.query(`select status from shop.payment where order_id = 'while-charging'`)).toEqual([
      { status: 'refunded' },
    ]);
  });

  it('puts everything back on its shelf and returns the label when the order was being shipped', async () => {
    const shipping = shop.network.hold('carrier.book');
    await shop.post('/orders', order('while-shipping'));
    await shipping.reached;
    expect(await shop.query(`select 1 from shop.reservation where order_id = 'while-shipping'`)).toHaveLength(2);

    await shop.post('/orders/while-shipping/cancel');
    expect((await shop.ended('while-shipping')).order.status).toBe('canceled');

    // Lines are packed side by side, so which is first is not said; whichever was last is undone first.
    const keys = await shop.journalKeys('while-shipping');
    const done = keys.filter((key) => !key.startsWith('undo:'));
    expect([...done].sort()).toEqual(['accept', 'charge', 'clear', 'pack#0', 'pack#1', 'reserve']);
    expect(keys.slice(done.length)).toEqual([...done].reverse().map((key) => `undo:${key}`));
    expect(
      await shop.query(`select 1 from shop.reservation where order_id = 'while-shipping' and released_at is null`),
    ).toEqual([]);
    expect(
      await shop.query(
        `select canceled_at is not null as canceled from shop.shipment where order_id = 'while-shipping'`,
      ),
    ).toEqual([{ canceled: true }]);
    expect(
      await shop.query(`select 1 from shop.packing where order_id = 'while-shipping' and unpacked_at is null`),
    ).toEqual([]);
  });

  it('answers 202 again when it is repeated', async () => {
    const call = shop.network.hold('payments.charge');
    await shop.post('/orders', order('canceled-twice'));
    await call.reached;
    await shop.post('/orders/canceled-twice/cancel');
    await shop.ended('canceled-twice');

    const again = await shop.post('/orders/canceled-twice/cancel');

    expect(again).toMatchObject({ status: 202, body: { status: 'canceled' } });
  });

  it('answers 409 when the order has left the house, and lets it arrive', async () => {
    const call = shop.network.hold('carrier.collect');
    await shop.post('/orders', order('too-late'));
    await call.reached;

    const refused = await shop.post('/orders/too-late/cancel');
    call.release();

    expect(refused).toMatchObject({
      status: 409,
      body: { message: 'order too-late is confirmed and cannot be canceled any more' },
    });
    expect((await shop.ended('too-late')).order.status).toBe('delivered');
  });

  it('answers 404 when there is no such order', async () => {
    expect((await shop.post('/orders/nowhere/cancel')).status).toBe(404);
  });
});

describe('canceling an order that no worker has begun', () => {
  it('closes it on the spot', async () => {
    const database = await createTestDatabase({ keptSessions: true });
    const shop = await Shop.open(database.url, { role: 'web' });
    try {
      await shop.post('/orders', order('not-begun'));

      const canceled = await shop.post('/orders/not-begun/cancel');

      expect(canceled).toMatchObject({ status: 202, body: { status: 'canceled' } });
      expect((await shop.get('/orders/not-begun')).body.run.status).toBe('canceled');
    } finally {
      await shop.close();
      await database.drop();
    }
  });
});

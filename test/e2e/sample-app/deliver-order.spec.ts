/** What happens once an order has left the house: messages, the shipment on its way, late and lost parcels. */
import { VirtualClock } from '../../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

const DAY_MS = 24 * 3_600_000;

describe('an order on its way', () => {
  let database: TestDatabase;
  let shop: Shop;

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    const clock = new VirtualClock(new Date('2030-05-01T12:00:00Z'));
    shop = await Shop.open(database.url, { clock, transitMs: 2 * DAY_MS });
  });

  afterAll(async () => {
    await shop?.close();
    await database?.drop();
  });

  const send = async (id: string, overrides: Readonly<Record<string, unknown>> = {}): Promise<void> => {
    await shop.post('/orders', order(id, overrides));
    await shop.time.drain();
  };

  it('waits, parked, for its shipment, which waits for the day that the carrier names', async () => {
    const expected = new Date(shop.time.now().getTime() + 2 * DAY_MS).toISOString();
    await send('on-its-way');

    const { order: view, run } = (await shop.get('/orders/on-its-way')).body;
    expect(view.status).toBe('confirmed');
    expect(run).toMatchObject({ status: 'suspended', workerId: null, wakeAt: null });
    expect(run.children).toMatchObject([
      {
        workflowName: 'shipment',
        status: 'suspended',
        wakeAt: expected,
        input: { orderId: 'on-its-way', carrier: 'post', trackingCode: view.trackingCode },
      },
    ]);
    expect(shop.network.count('carrier.track')).toBe(0);

    await shop.time.advance('2d');
    await shop.time.drain();

    const { order: delivered, run: ended } = await shop.ended('on-its-way');
    expect(delivered.status).toBe('delivered');
    expect(ended.results.shipment.arrive).toEqual({ deliveredAt: expected });
    expect(shop.network.count('carrier.track')).toBe(3);
  });

  it('is looked after in ever longer pauses when it is late', async () => {
    await send('late', { address: 'addr_late' });
    const before = shop.network.count('carrier.track');

    await shop.pass(3 * 24 + 1);

    const { order: view, run } = await shop.ended('late');
    expect(view.status).toBe('delivered');
    expect(run.results.shipment.track.map(({ status }: { status: string }) => status)).toEqual([
      ...['collected', 'in_transit', 'delayed', 'delivered'],
    ]);
    const { journal } = await shop.runner.find(run.children[0].id, { journal: true });
    const inVain = journal.filter(({ kind, key }) => kind === 'attempt' && key === 'track#3');
    const pauses = inVain.slice(1).map(({ at }, index) => (at.getTime() - inVain[index].at.getTime()) / 1000);
    expect(Math.min(...pauses)).toBeLessThan(60);
    expect(Math.max(...pauses)).toBeGreaterThanOrEqual(3_600);
    // Thirteen doublings up to an hour, then a look an hour: a day of waiting costs some thirty-five looks.
    expect(shop.network.count('carrier.track') - before).toBeLessThan(50);
  });

  it('is refunded when the parcel is lost, and nothing is put back on a shelf', async () => {
    const [{ available: before }] = await shop.query<{ available: number }>(
      `select available from shop.stock where sku = 'tea-assam'`,
    );
    await send('lost', { address: 'addr_lost' });
    await shop.pass(5 * 24);

    const { order: view, run } = await shop.ended('lost');

    expect(view.status).toBe('lost');
    expect(run).toMatchObject({
      status: 'failed',
      error: { step: 'shipment', cause: { name: 'ParcelLostError' } },
    });
    expect(await shop.query(`select status from shop.payment where order_id = 'lost'`)).toEqual([
      { status: 'refunded' },
    ]);
    expect(await shop.query(`select available from shop.stock where sku = 'tea-assam'`)).toEqual([
      { available: before - 2 },
    ]);
    expect(await shop.query(`select 1 from shop.packing where order_id = 'lost' and unpacked_at is null`)).toHaveLength(
      2,
    );
    expect(
      await shop.query(`select 1 from shop.shipment where order_id = 'lost' and canceled_at is null`),
    ).toHaveLength(1);
  });

  it('is repeated a message that could not be sent', async () => {
    shop.network.fail('messages.email', 2);
    await send('told-late');
    expect((await shop.get('/orders/told-late')).body.run).toMatchObject({ status: 'suspended', attempt: 2 });

    await shop.pass(3 * 24);

    const { order: view, run } = await shop.ended('told-late');
    expect(view.status).toBe('delivered');
    expect(run.results.notify).toEqual({ email: true, sms: false });
  });

  it('arrives untold when no message can be sent at all', async () => {
    shop.network.fail('messages.sms', 3);
    await send('untold', { phone: '+4930123456' });
    await shop.pass(3 * 24);

    const { order: view, run } = await shop.ended('untold');
    expect(view.status).toBe('delivered');
    expect(run.results.notify).toEqual({ email: true, sms: false });
  });
});

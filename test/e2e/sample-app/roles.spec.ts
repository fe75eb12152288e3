/**
 * Web and worker apart, as processes of a deployment are; here they are applications in one process, on one database.
 * Killed processes: `npm run demo`.
 */
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

describe('a web process and worker processes', () => {
  let database: TestDatabase;
  const open: Shop[] = [];

  const start = async (role: 'web' | 'worker'): Promise<Shop> => {
    const shop = await Shop.open(database.url, { role });
    open.push(shop);
    return shop;
  };

  beforeEach(async () => {
    database = await createTestDatabase({ empty: true, keptSessions: true });
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((shop) => shop.close()));
    await database.drop();
  });

  it('starts as many as are needed at once on an empty database', async () => {
    const [web] = await Promise.all([start('web'), start('worker'), start('worker')]);

    expect(await web.get('/health')).toMatchObject({ status: 200, body: { role: 'web' } });
    expect(await web.query('select name from shop_migrations')).toHaveLength(2);
  });

  it('leaves orders to the worker, and learns in the web process how they end', async () => {
    const web = await start('web');
    await web.post('/orders', order('elsewhere'));
    expect((await web.get('/orders/elsewhere')).body.run.status).toBe('pending');

    await start('worker');

    expect((await web.ended('elsewhere')).order.status).toBe('delivered');
  });

  it('hands the orders of a worker that stops to another one, which repeats nothing that is journaled', async () => {
    const [web, first] = await Promise.all([start('web'), start('worker')]);
    const charging = first.network.hold('payments.charge');
    const shipping = first.network.hold('carrier.book');
    await web.post('/orders', order('handed-over'));
    await charging.reached;
    charging.release();
    await shipping.reached;

    const stopped = first.close();
    await start('worker');
    shipping.release();
    await stopped;
    open.splice(open.indexOf(first), 1);

    expect((await web.ended('handed-over')).order.status).toBe('delivered');
    expect(await web.query(`select status, calls from shop.payment where order_id = 'handed-over'`)).toEqual([
      { status: 'captured', calls: 1 },
    ]);
    expect(await web.query(`select 1 from shop.shipment where order_id = 'handed-over'`)).toHaveLength(1);
  });
});

/** Orders that go wrong on the way: what is repeated, what is undone, and what is left. Placing: place-order.spec.ts. */
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

describe('an order that fails', () => {
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

  const payment = (id: string) =>
    shop.query('select status, calls, amount_cents from shop.payment where order_id = $1', [id]);
  const reserved = (id: string) =>
    shop.query('select sku from shop.reservation where order_id = $1 and released_at is null', [id]);
  const mails = (id: string) => shop.query('select template from shop.notification where order_id = $1', [id]);

  it('is charged once when the provider fails at first and the step is repeated', async () => {
    await shop.post('/orders', order('flaky', { paymentToken: 'tok_flaky_1' }));

    const { order: view } = await shop.ended('flaky');

    expect(view.status).toBe('delivered');
    expect(await payment('flaky')).toEqual([{ status: 'captured', calls: 2, amount_cents: 4570 }]);
    const { body } = await shop.get('/orders/flaky/journal');
    const charges = (body as { key: string }[]).filter(({ key }) => key === 'charge');
    expect(charges).toMatchObject([
      { key: 'charge', attempt: 1, status: 'failed', error: { name: 'ProviderUnavailableError' } },
      { key: 'charge', attempt: 2, status: 'completed' },
    ]);
  });

  it('is rejected without another attempt when the payment is declined', async () => {
    await shop.post('/orders', order('declined', { paymentToken: 'tok_declined' }));

    const { order: view, run } = await shop.ended('declined');

    expect(view.status).toBe('rejected');
    expect(run).toMatchObject({
      status: 'failed',
      error: { name: 'PaymentDeclinedError', message: expect.stringContaining('declined') as string, step: 'charge' },
    });
    expect(await payment('declined')).toEqual([{ status: 'declined', calls: 1, amount_cents: 4570 }]);
    expect(await reserved('declined')).toEqual([]);
    expect(await shop.journalKeys('declined')).toEqual(['accept', 'clear', 'undo:clear', 'undo:accept']);
    expect(await mails('declined')).toEqual([{ template: 'order-closed' }]);
  });

  it('gives the money back when there is not enough in stock', async () => {
    await shop.post('/orders', order('two-antiques', { lines: [{ sku: 'pot-antique', quantity: 2 }] }));

    const { order: view, run } = await shop.ended('two-antiques');

    expect(view.status).toBe('rejected');
    expect(run.error).toMatchObject({ name: 'InsufficientStockError', message: 'pot-antique: 2 wanted, fewer left' });
    expect(await payment('two-antiques')).toEqual([{ status: 'refunded', calls: 1, amount_cents: 99_800 }]);
    expect(await shop.journalKeys('two-antiques')).toEqual([
      ...['accept', 'clear', 'charge'],
      ...['undo:charge', 'undo:clear', 'undo:accept'],
    ]);
    expect(await shop.query(`select available from shop.stock where sku = 'pot-antique'`)).toEqual([{ available: 1 }]);
  });

  it('takes no line out of stock when one of them is short', async () => {
    const before = await shop.query(`select available from shop.stock where sku = 'kettle-iron'`);
    const lines = [
      { sku: 'kettle-iron', quantity: 5 },
      { sku: 'pot-antique', quantity: 2 },
    ];
    await shop.post('/orders', order('one-line-short', { lines }));

    expect((await shop.ended('one-line-short')).order.status).toBe('rejected');

    expect(await reserved('one-line-short')).toEqual([]);
    expect(await shop.query(`select available from shop.stock where sku = 'kettle-iron'`)).toEqual(before);
  });

  it('sells the last piece once when five customers want it', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map((name) => `last-piece-${name}`);
    const lines = [{ sku: 'pot-antique', quantity: 1 }];
    await Promise.all(ids.map((id) => shop.post('/orders', order(id, { lines }))));

    const ended = await Promise.all(ids.map((id) => shop.ended(id)));

    expect(ended.map(({ order: view }) => view.status).sort()).toEqual([
      'delivered',
      ...Array<string>(4).fill('rejected'),
    ]);
    expect(await shop.query(`select available from shop.stock where sku = 'pot-antique'`)).toEqual([{ available: 0 }]);
  });
});

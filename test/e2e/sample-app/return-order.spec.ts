/** Returns: what comes first of the parcel, the customer's second thoughts, and the end of the period. */
import { VirtualClock } from '../../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

describe('returning an order', () => {
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

  const stock = async (): Promise<number> => {
    const [row] = await shop.query<{ available: number }>(`select available from shop.stock where sku = 'tea-assam'`);
    return row.available;
  };
  const deliver = async (id: string): Promise<void> => {
    await shop.post('/orders', order(id));
    await shop.time.drain();
  };
  const ask = (id: string, reason = 'too green') => shop.post(`/orders/${id}/return`, { reason });
  const view = async (id: string) => {
    await shop.time.drain();
    const { body: found } = await shop.get(`/orders/${id}/return`);
    const { order: returned } = (await shop.get(`/orders/${id}`)).body;
    const [{ status: payment }] = await shop.query<{ status: string }>(
      'select status from shop.payment where order_id = $1',
      [id],
    );
    return { status: found.status, order: returned.status, payment };
  };

  it('gives the money back and restocks what arrives as new', async () => {
    const before = await stock();
    await deliver('too-green');
    expect(await ask('too-green')).toMatchObject({ status: 201, body: { status: 'requested' } });
    expect(await view('too-green')).toEqual({ status: 'requested', order: 'delivered', payment: 'captured' });

    expect((await shop.post('/orders/too-green/return/arrival', { condition: 'as_new' })).status).toBe(202);

    expect(await view('too-green')).toEqual({ status: 'refunded', order: 'returned', payment: 'refunded' });
    expect(await stock()).toBe(before);
    const mails = await shop.query(
      `select template from shop.notification where order_id = 'too-green' and template like 'return%' order by 1`,
    );
    expect(mails).toEqual([{ template: 'return-instructions' }, { template: 'return-settled' }]);
  });

  it('gives the money back and restocks nothing of what arrives damaged', async () => {
    const before = await stock();
    await deliver('broken');
    await ask('broken');

    await shop.post('/orders/broken/return/arrival', { condition: 'damaged' });

    expect(await view('broken')).toEqual({ status: 'refunded', order: 'returned', payment: 'refunded' });
    expect(await stock()).toBe(before - 2);
  });

  it('changes nothing when the customer keeps it after all, nor when the parcel comes then', async () => {
    await deliver('kept');
    await ask('kept');

    expect((await shop.post('/orders/kept/return/withdrawal')).status).toBe(202);
    expect(await view('kept')).toEqual({ status: 'kept', order: 'delivered', payment: 'captured' });
    expect(await shop.post('/orders/kept/return/arrival', { condition: 'as_new' })).toMatchObject({
      status: 409,
      body: { message: 'the return of order kept is over' },
    });
  });

  it('is over when no parcel has come after fourteen days', async () => {
    await deliver('never-sent');
    await ask('never-sent');
    await shop.time.drain();

    await shop.time.advance('13d');
    expect((await view('never-sent')).status).toBe('requested');
    await shop.time.advance('1d');

    expect(await view('never-sent')).toEqual({ status: 'kept', order: 'delivered', payment: 'captured' });
  });

  it('refunds once when two people report the parcel', async () => {
    await deliver('reported-twice');
    await ask('reported-twice');

    const answers = await Promise.all(
      ['as_new', 'damaged'].map((condition) => shop.post('/orders/reported-twice/return/arrival', { condition })),
    );

    expect(answers.map(({ status }) => status)).toContain(202);
    expect((await view('reported-twice')).status).toBe('refunded');
    const arrivals = `select 1 from durable.signal s join durable.run r on r.id = s.run_id
                       where r.workflow = 'return' and r.idempotency_key = 'reported-twice'`;
    expect(await shop.query(arrivals)).toHaveLength(1);
  });

  it('answers 200 to the same request again, and 409 to one with another reason', async () => {
    await deliver('asked-twice');
    await ask('asked-twice');

    expect((await ask('asked-twice')).status).toBe(200);
    expect((await ask('asked-twice', 'too black')).status).toBe(409);
  });

  it('answers 409 while the order is not with the customer', async () => {
    await shop.post('/orders', order('undelivered', { lines: [{ sku: 'kettle-iron', quantity: 30 }] }));
    await shop.time.drain();

    expect(await ask('undelivered')).toMatchObject({
      status: 409,
      body: { message: 'order undelivered is accepted: only a delivered order can be returned' },
    });
  });

  it('answers 404 where there is nothing, and 400 to what makes no sense', async () => {
    await deliver('not-asked');

    expect((await ask('nowhere')).status).toBe(404);
    expect((await shop.get('/orders/not-asked/return')).status).toBe(404);
    expect((await shop.post('/orders/not-asked/return/withdrawal')).status).toBe(404);
    expect((await ask('not-asked', '')).status).toBe(400);
    expect((await shop.post('/orders/not-asked/return/arrival', { condition: 'fine' })).status).toBe(400);
  });
});

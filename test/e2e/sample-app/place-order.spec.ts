/**
 * Placing and watching orders over HTTP, in one process that does everything. Orders that go wrong: failing-order.spec.ts;
 * canceling: cancel-order.spec.ts; waiting: approve-order.spec.ts, deliver-order.spec.ts; web and worker apart: roles.spec.ts.
 */
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order } from './shop.fixture.js';

describe('placing an order', () => {
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

  it('answers 201 and carries the order out: charged, reserved, packed, shipped, delivered', async () => {
    const placed = await shop.post('/orders', order('tea-for-two'));
    expect(placed).toMatchObject({ status: 201, body: { id: 'tea-for-two' } });

    const { order: view, run } = await shop.ended('tea-for-two');

    expect(view).toMatchObject({ status: 'delivered', totalCents: 2 * 1290 + 1990, runId: run.id });
    expect(view.trackingCode).toMatch(/^RR\d{9}$/);
    expect(run).toMatchObject({ workflowName: 'order', version: 1, status: 'completed', totalSteps: 12 });
    expect(run.result).toMatchObject({
      approval: { approved: true, by: 'the shop' },
      charge: { amountCents: 4570 },
      pack: [{ sku: 'tea-assam' }, { sku: 'cup-porcelain' }],
      carrier: { branch: 'post', result: { carrier: 'post', trackingCode: view.trackingCode } },
      notify: { email: true, sms: false },
      shipment: { track: [{ status: 'collected' }, { status: 'in_transit' }, { status: 'delivered' }] },
    });
    expect((await shop.journalKeys('tea-for-two')).filter((key) => !/^(pack|notify)/.test(key))).toEqual([
      ...['accept', 'clear', 'charge', 'reserve', 'carrier.post', 'confirm', 'deliver'],
    ]);
  });

  it('hands an express order to the courier', async () => {
    await shop.post('/orders', order('in-a-hurry', { delivery: 'express' }));

    const { order: view } = await shop.ended('in-a-hurry');

    expect(view.trackingCode).toMatch(/^CX-[0-9A-F]{12}$/);
  });

  it('tells customers by every channel that they gave, once each', async () => {
    await shop.post('/orders', order('well-informed', { phone: '+4930123456' }));
    await shop.ended('well-informed');

    const sent = await shop.query(
      `select channel, template, recipient from shop.notification where order_id = 'well-informed' order by 1, 2`,
    );
    expect(sent).toEqual([
      { channel: 'email', template: 'order-confirmed', recipient: 'ada@example.com' },
      { channel: 'email', template: 'order-delivered', recipient: 'ada@example.com' },
      { channel: 'sms', template: 'order-confirmed', recipient: '+4930123456' },
    ]);
  });

  it('answers 200 with the same order when a request is repeated', async () => {
    const first = await shop.post('/orders', order('repeated'));
    const second = await shop.post('/orders', order('repeated'));

    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.runId).toBe(first.body.runId);
    await shop.ended('repeated');
  });

  it('creates one order of ten equal requests at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => shop.post('/orders', order('clicked-ten-times'))),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(9).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    await shop.ended('clicked-ten-times');
    const [paid] = await shop.query('select calls from shop.payment where order_id = $1', ['clicked-ten-times']);
    expect(paid).toEqual({ calls: 1 });
  });

  it('takes the id from the Idempotency-Key header', async () => {
    const placed = await shop.post('/orders', order('ignored', { id: undefined }), {
      'idempotency-key': 'from-header',
    });

    expect(placed).toMatchObject({ status: 201, body: { id: 'from-header' } });
    await shop.ended('from-header');
  });

  it('answers 400 when header and body name different orders', async () => {
    const refused = await shop.post('/orders', order('one'), { 'idempotency-key': 'another' });

    expect(refused).toMatchObject({
      status: 400,
      body: { message: ['id and Idempotency-Key must be the same where both are given'] },
    });
  });

  it('answers 409 when an id is used again for another order', async () => {
    await shop.post('/orders', order('taken'));
    const refused = await shop.post('/orders', order('taken', { email: 'eve@example.com' }));

    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain('another input');
    await shop.ended('taken');
  });

  it('answers 400 with everything that is wrong, and writes nothing', async () => {
    const refused = await shop.post('/orders', {
      id: 'not/an id',
      email: 'nobody',
      delivery: 'pigeon',
      phone: '030',
      lines: [
        { sku: 'tea-assam', quantity: 0 },
        { sku: 'tea-assam', quantity: 1.5 },
      ],
    });

    expect(refused).toMatchObject({
      status: 400,
      body: {
        message: [
          'id must be a string that matches ^[A-Za-z0-9_-]{1,64}$',
          'email must be a string that matches ^[^\\s@]{1,64}@[^\\s@]{1,190}$',
          'delivery must be one of standard, express',
          'paymentToken must be a string that matches ^tok_[a-z0-9_]{1,60}$',
          'phone must be a string that matches ^\\+[0-9]{6,15}$',
          'lines[0].quantity must be a whole number from 1 to 1000',
          'lines[1].quantity must be a whole number from 1 to 1000',
          'lines must name each sku once',
        ],
      },
    });
    expect(await shop.query(`select 1 from shop."order" where email = 'nobody'`)).toEqual([]);
  });

  it.each([
    ['a body that is no object', []],
    ['no lines', order('x', { lines: [] })],
  ])('answers 400 to %s', async (_, body) => {
    expect((await shop.post('/orders', body)).status).toBe(400);
  });

  it('answers 400 to an article that does not exist', async () => {
    const refused = await shop.post('/orders', order('unknown-article', { lines: [{ sku: 'coffee', quantity: 1 }] }));

    expect(refused).toMatchObject({ status: 400, body: { message: ['there is no article coffee'] } });
    expect((await shop.get('/orders/unknown-article')).status).toBe(404);
  });

  it.each(['/orders/nowhere', '/orders/nowhere/journal'])('answers 404 to GET %s', async (path) => {
    expect(await shop.get(path)).toMatchObject({ status: 404, body: { message: 'there is no order nowhere' } });
  });

  it('reports its health', async () => {
    expect(await shop.get('/health')).toEqual({ status: 200, body: { status: 'ok', role: 'all' } });
  });

  it('lists orders page by page, newest first, without gaps or repetitions', async () => {
    const { body: all } = await shop.get('/orders?limit=100');
    const ids = all.orders.map((each: { id: string }) => each.id);
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.at(-1)).toBe('tea-for-two');

    const paged: string[] = [];
    for (let before = ''; ;) {
      const { body } = await shop.get(`/orders?limit=2${before}`);
      paged.push(...body.orders.map((each: { id: string }) => each.id));
      if (body.next === null) break;
      before = `&before=${body.next}`;
    }
    expect(paged).toEqual(ids);
  });

  it.each(['limit=0', 'limit=101', 'limit=many', 'status=forgotten', 'before=yesterday'])(
    'answers 400 to ?%s',
    async (query) => {
      expect((await shop.get(`/orders?${query}`)).status).toBe(400);
    },
  );
});

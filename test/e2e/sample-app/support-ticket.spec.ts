/** The support agent: what it does alone, how it waits for a person, and what a crash costs it. */
import { VirtualClock } from '../../../lib/testing/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop, order, type Answer } from './shop.fixture.js';

describe('a question to the shop', () => {
  let database: TestDatabase;
  let clock: VirtualClock;
  let shop: Shop;
  const open: Shop[] = [];

  const start = async (role: 'web' | 'worker' | 'all'): Promise<Shop> => {
    const started = await Shop.open(database.url, { role, clock });
    open.push(started);
    return started;
  };

  beforeEach(async () => {
    database = await createTestDatabase({ keptSessions: true });
    clock = new VirtualClock();
    shop = await start('all');
    await shop.post('/orders', order('tea'));
    await shop.time.drain();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
    await database.drop();
  });

  const ask = (id: string, question: string) => shop.post('/tickets', { id, orderId: 'tea', question });
  const say = (id: string, callId: string, word: Readonly<Record<string, unknown>>, to = shop) =>
    to.post(`/tickets/${id}/answer`, { callId, by: 'linus@shop.example', ...word });

  /** Lets the agent work until it waits or has answered. */
  const settled = async (id: string, worker = shop): Promise<Answer['body']> => {
    await worker.time.drain();
    return (await open[0].get(`/tickets/${id}`)).body;
  };

  it('is answered without anybody when the agent can look it up', async () => {
    expect(await ask('where', 'Where is my tea?')).toMatchObject({ status: 201 });

    const { ticket } = await settled('where');

    expect(ticket).toMatchObject({ status: 'answered', answer: 'It was delivered.' });
    expect(await shop.query(`select recipient from shop.notification where template = 'ticket-answered'`)).toEqual([
      { recipient: 'ada@example.com' },
    ]);
  });

  it('waits for a colleague before anything is given away, and starts the return when he agrees', async () => {
    await ask('broken', 'My cup is broken');

    const waiting = await settled('broken');
    expect(waiting).toMatchObject({
      ticket: { status: 'open' },
      status: 'suspended',
      waitingFor: { id: 'call-3', tool: 'startReturn', input: { reason: 'My cup is broken' } },
    });
    expect((await shop.get('/orders/tea/return')).status).toBe(404);

    expect((await say('broken', 'call-3', { approved: true })).status).toBe(202);

    const { ticket } = await settled('broken');
    expect(ticket.answer).toBe('Please send it back. You get your money as soon as it is here.');
    expect((await shop.get('/orders/tea/return')).body).toMatchObject({
      status: 'requested',
      reason: 'My cup is broken',
    });
    // Look the order up, start the return, answer: the wait has cost no turn.
    expect(shop.network.count('model.next')).toBe(3);
  });

  it('is told what a colleague says when he refuses', async () => {
    await ask('refused', 'I want my money');
    await settled('refused');

    await say('refused', 'call-3', { approved: false, note: 'you drank it' });

    expect((await settled('refused')).ticket.answer).toBe('We cannot take it back: you drank it.');
    expect((await shop.get('/orders/tea/return')).status).toBe(404);
  });

  it('passes on what only a colleague knows', async () => {
    await ask('odd', 'Do you like tea?');
    expect((await settled('odd')).waitingFor).toMatchObject({ tool: 'askColleague' });

    await say('odd', 'call-3', { approved: true, note: 'We do.' });

    expect((await settled('odd')).ticket.answer).toBe('We do.');
  });

  it('outlives every process while it waits, and can be answered where no worker is', async () => {
    await ask('patient', 'My cup is broken');
    await settled('patient');
    await open.shift()?.close();

    const web = await start('web');
    expect((await say('patient', 'call-3', { approved: true }, web)).status).toBe(202);
    const worker = await start('worker');

    expect((await settled('patient', worker)).ticket.status).toBe('answered');
    expect(worker.network.count('model.next')).toBe(1);
  });

  it('asks the model nothing again that was stored when an attempt broke off', async () => {
    const firstTurn = shop.network.hold('model.next');
    await ask('interrupted', 'My cup is broken');
    await firstTurn.reached;
    shop.network.fail('model.next', 1);
    firstTurn.release();
    expect(await settled('interrupted')).toMatchObject({ status: 'suspended', waitingFor: null });

    await shop.time.advance('2s');

    expect((await settled('interrupted')).waitingFor).toMatchObject({ id: 'call-3', tool: 'startReturn' });
    // The turn before the failure, the one that failed, and the one after it.
    expect(shop.network.count('model.next')).toBe(3);
  });

  it('answers 409 to a word that nobody waits for', async () => {
    await ask('once', 'My cup is broken');
    await settled('once');
    expect((await say('once', 'call-9', { approved: true })).status).toBe(409);

    const words = await Promise.all([
      say('once', 'call-3', { approved: true }),
      say('once', 'call-3', { approved: false }),
    ]);
    expect(words.map(({ status }) => status).sort()).toEqual([202, 409]);

    expect((await settled('once')).ticket.status).toBe('answered');
    expect(await say('once', 'call-3', { approved: true })).toMatchObject({
      status: 409,
      body: { message: 'ticket once does not wait for a word on call-3' },
    });
  });

  it('is one ticket however often it is sent; without an order it is none', async () => {
    const first = await ask('again', 'Where is my tea?');
    expect((await ask('again', 'Where is my tea?')).status).toBe(200);
    expect((await ask('again', 'Where is my coffee?')).status).toBe(409);
    expect(first.body.ticket.id).toBe('again');
    expect((await shop.post('/tickets', { orderId: 'nowhere', question: 'Where?' })).status).toBe(404);
    expect((await shop.post('/tickets', { orderId: 'tea' })).status).toBe(400);
    expect((await shop.get('/tickets/nowhere')).status).toBe(404);
    await settled('again');
  });
});

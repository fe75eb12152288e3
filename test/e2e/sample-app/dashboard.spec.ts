/** Covers: the sample shop's own dashboard, behind its guard. What a dashboard does: test/integration/dashboard. */
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { order, Shop } from './shop.fixture.js';

let database: TestDatabase;
let shop: Shop;

beforeAll(async () => {
  database = await createTestDatabase({ keptSessions: true });
  shop = await Shop.open(database.url, { operatorPassword: 'let me in' });
});
afterAll(async () => {
  await shop.close();
  await database.drop();
});

const credentials = (password: string): RequestInit => {
  return { headers: { authorization: `Basic ${Buffer.from(`ann:${password}`).toString('base64')}` } };
};

it('lets operators in by their password, and nobody else', async () => {
  for (const init of [{}, credentials('guess')]) {
    const response = await fetch(`${shop.url}/durable/api/config`, init);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Basic');
  }
  const config = await fetch(`${shop.url}/durable/api/config`, credentials('let me in'));
  expect(await config.json()).toMatchObject({ user: 'ann', theme: { title: 'The shop' } });
});

it('shows an order from its start to its end', async () => {
  await shop.post('/orders', order('seen'));
  const { run } = await shop.ended('seen');

  const answer = await fetch(`${shop.url}/durable/api/runs/${run.id}`, credentials('let me in'));
  const body = (await answer.json()) as { run: { status: string }; nodes: { state: string }[]; timeline: unknown[] };

  expect(body.run.status).toBe('completed');
  expect(body.nodes.every(({ state }) => state === 'done')).toBe(true);
  expect(body.timeline.length).toBeGreaterThanOrEqual(body.nodes.length);
});

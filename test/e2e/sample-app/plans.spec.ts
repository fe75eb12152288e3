/** The shop's plans as data: between them they use every kind of node, and the README draws them as they are. */
import { readFileSync } from 'node:fs';
import { NODE_KINDS } from '../../../lib/definition/plan.js';
import type { WorkflowTarget } from '../../../lib/index.js';
import { OrderWorkflow } from '../../../sample-app/orders/order.workflow.js';
import { ReturnWorkflow } from '../../../sample-app/returns/return.workflow.js';
import { ShipmentWorkflow } from '../../../sample-app/shipping/shipment.workflow.js';
import { TicketWorkflow } from '../../../sample-app/support/ticket.workflow.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { Shop } from './shop.fixture.js';

const README = readFileSync('sample-app/README.md', 'utf8');

describe("the shop's plans", () => {
  let database: TestDatabase;
  let shop: Shop;

  beforeAll(async () => {
    database = await createTestDatabase({ keptSessions: true });
    shop = await Shop.open(database.url, { role: 'web' });
  });

  afterAll(async () => {
    await shop?.close();
    await database?.drop();
  });

  it('use every kind of node', async () => {
    const workflows = [OrderWorkflow, ShipmentWorkflow, ReturnWorkflow, TicketWorkflow];
    const plans = await Promise.all(workflows.map((workflow) => shop.runner.plan(workflow)));

    const used = new Set(plans.flatMap(({ nodes }) => nodes.map(({ kind }) => kind)));

    expect([...used].sort()).toEqual([...NODE_KINDS].sort());
  });

  it.each<[string, WorkflowTarget]>([
    ['order', OrderWorkflow],
    ['shipment', ShipmentWorkflow],
    ['return', ReturnWorkflow],
  ])('are drawn in the README: %s', async (_, workflow) => {
    const { mermaid } = await shop.runner.plan(workflow);

    expect(README).toContain(`\`\`\`mermaid\n${mermaid}\`\`\`\n`);
  });
});

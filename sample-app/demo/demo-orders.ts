import type { Order } from '../orders/order.interface.js';

/** What an order that is carried out journals, beside one unit a line that is packed. */
const UNITS_OF_ORDER = ['accept', 'clear', 'charge', 'reserve', 'carrier', 'confirm', 'email', 'sms', 'deliver'].length;
const UNITS_OF_SHIPMENT = ['hand over', 'collected', 'in transit', 'delivered', 'arrive'].length;

/** What the order that cannot be delivered journals before that is found out, and has to be undone. */
export const UNITS_IN_VAIN = ['accept', 'clear', 'charge'].length;

/** There is one antique teapot; this order wants two, and is found out after it was charged. */
const OUT_OF_STOCK = 17;

/** Every twelfth card's first charge fails, and is repeated. */
const FLAKY_EVERY = 12;

const ARTICLES = ['tea-assam', 'tea-sencha', 'cup-porcelain', 'kettle-iron'];

/** The orders of the demo: the same in every run of it. */
export function demoOrders(count: number): Order[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `demo-${String(index + 1).padStart(2, '0')}`,
    email: `customer-${index + 1}@example.com`,
    ...(index % 2 === 0 && { phone: `+49301234${String(index).padStart(3, '0')}` }),
    delivery: index % 3 === 0 ? 'express' : 'standard',
    address: 'addr_home',
    paymentToken: index % FLAKY_EVERY === FLAKY_EVERY - 1 ? 'tok_flaky_1' : 'tok_visa',
    lines:
      index === OUT_OF_STOCK
        ? [{ sku: 'pot-antique', quantity: 2 }]
        : [
            { sku: ARTICLES[index % ARTICLES.length], quantity: 1 + (index % 3) },
            { sku: ARTICLES[(index + 1) % ARTICLES.length], quantity: 1 },
          ],
  }));
}

/** Steps, branches, items and iterations that are journaled for an order and its shipment. */
export function unitsOf(order: Order): number {
  return UNITS_OF_ORDER + order.lines.length + UNITS_OF_SHIPMENT;
}

/** True for an order whose first charge fails. */
export function isFlaky(order: Order): boolean {
  return order.paymentToken === 'tok_flaky_1';
}

/** True for the order that cannot be delivered. */
export function isImpossible(order: Order): boolean {
  return order.lines.some((line) => line.sku === 'pot-antique');
}

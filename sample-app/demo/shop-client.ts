import type { OrderStatus } from '../orders/order.entity.js';
import type { Order } from '../orders/order.interface.js';

export interface PlacedOrder {
  readonly id: string;
  readonly status: OrderStatus;
}

/** A customer: knows the shop by its HTTP interface alone. */
export class ShopClient {
  constructor(private readonly url: string) {}

  /** @returns 201 when the order is new, 200 when it was placed before. */
  async place(order: Order): Promise<number> {
    const response = await fetch(`${this.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    });
    const body = await response.text();
    if (!response.ok) throw new Error(`POST /orders answered ${response.status}: ${body}`);
    return response.status;
  }

  /** The newest hundred. */
  async orders(): Promise<readonly PlacedOrder[]> {
    const response = await fetch(`${this.url}/orders?limit=100`);
    if (!response.ok) throw new Error(`GET /orders answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { orders: PlacedOrder[] }).orders;
  }
}

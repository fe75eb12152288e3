import type { Delivery } from '../shipping/carrier.js';
import type { StockLine } from '../stock/stock.service.js';

/** What a customer wants: the body of `POST /orders` after validation, and the input of the workflow. */
export interface Order {
  /** The customer's name for the order, and the idempotency key of its run. */
  readonly id: string;
  readonly email: string;
  /** Where the customer also wants to be told by SMS. */
  readonly phone?: string;
  readonly delivery: Delivery;
  /** Where the parcel goes; see the parcel tracking for addresses that make trouble. */
  readonly address: string;
  /** What to charge; see the fake payment provider for tokens that fail. */
  readonly paymentToken: string;
  readonly lines: readonly StockLine[];
}

/** A body whose id may still come from the `Idempotency-Key` header. */
export type OrderRequest = Omit<Order, 'id'> & { readonly id?: string };

export const DELIVERIES = ['standard', 'express'] as const;

/** How fast a customer wants an order. */
export type Delivery = (typeof DELIVERIES)[number];

export type CarrierName = 'post' | 'courier';

/** A company that brings parcels. Implementations stand in `carriers/`. */
export interface Carrier {
  readonly name: CarrierName;
  /** A new tracking code, in the carrier's own format. */
  trackingCode(): string;
}

/** Injection token of all carriers. */
export const CARRIERS = Symbol('CARRIERS');

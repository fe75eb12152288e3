import { Injectable } from '@nestjs/common';
import { FakePaymentProvider, type ChargeRequest } from './fake-payment-provider.service.js';

/** A charge that went through. */
export interface Charge {
  readonly paymentId: string;
  readonly amountCents: number;
}

/** What the shop knows about payments: charging an order, and taking a charge back. */
@Injectable()
export class PaymentsService {
  constructor(private readonly provider: FakePaymentProvider) {}

  async charge(request: ChargeRequest, idempotencyKey: string, signal?: AbortSignal): Promise<Charge> {
    const payment = await this.provider.charge(request, idempotencyKey, signal);
    return { paymentId: payment.id, amountCents: payment.amountCents };
  }

  /**
   * Makes sure that nothing stays charged under the key, be the charge done, unanswered or never sent: an attempt that
   * was cut off may have reached the provider without anybody here knowing.
   */
  undoCharge(orderId: string, chargeKey: string, signal?: AbortSignal): Promise<void> {
    return this.provider.void(orderId, chargeKey, signal);
  }

  /** Gives a payment back. Harmless when repeated. */
  refund(paymentId: string, signal?: AbortSignal): Promise<void> {
    return this.provider.refund(paymentId, signal);
  }
}

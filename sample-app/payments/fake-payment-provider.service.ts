import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { SimulatedNetwork } from '../network/simulated-network.service.js';
import { PaymentDeclinedError } from './payment-declined.error.js';
import { PaymentEntity } from './payment.entity.js';
import { ProviderUnavailableError } from './provider-unavailable.error.js';

export interface ChargeRequest {
  readonly orderId: string;
  readonly amountCents: number;
  /** Decides how the provider behaves, see {@link FakePaymentProvider}. */
  readonly token: string;
}

/**
 * Stands for a payment provider on the other side of the network. Its book is a table that no step's transaction
 * touches: what it did stays done, whatever becomes of the caller, and only the idempotency key protects the customer.
 *
 * | token | behaviour |
 * |---|---|
 * | `tok_declined` | always refuses the charge |
 * | `tok_unavailable` | never answers properly |
 * | `tok_flaky_<n>` | fails the first n calls under one idempotency key |
 * | any other | charges |
 */
@Injectable()
export class FakePaymentProvider {
  constructor(
    @InjectRepository(PaymentEntity) private readonly payments: Repository<PaymentEntity>,
    private readonly network: SimulatedNetwork,
  ) {}

  /**
   * Charges once a key. A repeated call answers with the first one's payment.
   *
   * @throws PaymentDeclinedError
   * @throws ProviderUnavailableError
   */
  charge(request: ChargeRequest, idempotencyKey: string, signal?: AbortSignal): Promise<PaymentEntity> {
    return this.network.roundTrip('payments.charge', () => this.capture(request, idempotencyKey), signal);
  }

  /**
   * Gives back whatever was charged under a key, and lets nothing be charged under it any more. Harmless when repeated,
   * and when nothing was charged.
   */
  void(orderId: string, idempotencyKey: string, signal?: AbortSignal): Promise<void> {
    const takeBack = async (): Promise<void> => {
      await this.payments.query(
        `insert into shop.payment (idempotency_key, order_id, amount_cents, status, calls) values ($1, $2, 0, 'voided', 0)
           on conflict (idempotency_key) do update set updated_at = now(),
             status = case payment.status when 'captured' then 'refunded' when 'pending' then 'voided' else payment.status end`,
        [idempotencyKey, orderId],
      );
    };
    return this.network.roundTrip('payments.void', takeBack, signal);
  }

  /** Gives a captured payment back. Harmless when repeated. */
  refund(id: string, signal?: AbortSignal): Promise<void> {
    const giveBack = async (): Promise<void> => {
      await this.payments.update({ id, status: 'captured' }, { status: 'refunded', updatedAt: () => 'now()' });
    };
    return this.network.roundTrip('payments.refund', giveBack, signal);
  }

  private async capture({ orderId, amountCents, token }: ChargeRequest, key: string): Promise<PaymentEntity> {
    const call = await this.record(orderId, amountCents, key);
    if (token === 'tok_unavailable' || call <= flakyCalls(token)) throw new ProviderUnavailableError(call);
    const verdict = token === 'tok_declined' ? 'declined' : 'captured';
    await this.payments.update(
      { idempotencyKey: key, status: 'pending' },
      { status: verdict, updatedAt: () => 'now()' },
    );
    const payment = await this.payments.findOneByOrFail({ idempotencyKey: key });
    if (payment.status !== 'captured') throw new PaymentDeclinedError(orderId, `the payment is ${payment.status}`);
    return payment;
  }

  /** Counts the call in the provider's book, before anything is decided about it. */
  private async record(orderId: string, amountCents: number, key: string): Promise<number> {
    const [row] = await this.payments.query<{ calls: number }[]>(
      `insert into shop.payment (idempotency_key, order_id, amount_cents, status, calls) values ($1, $2, $3, 'pending', 1)
       on conflict (idempotency_key) do update set calls = payment.calls + 1
       returning calls`,
      [key, orderId, amountCents],
    );
    return row.calls;
  }
}

function flakyCalls(token: string): number {
  return Number(/^tok_flaky_(\d+)$/.exec(token)?.[1] ?? 0);
}

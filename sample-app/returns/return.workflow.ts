import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Branch, Route, Step, WaitForAny, Workflow, type DurableContext } from '../../lib/index.js';
import { OrderMessages } from '../orders/order-messages.service.js';
import { PaymentsService } from '../payments/payments.service.js';
import { StockService } from '../stock/stock.service.js';
import { ReturnBook } from './return-book.service.js';

/** What a return is about; everything that has to be known of the order. */
export interface ReturnRequest {
  readonly orderId: string;
  readonly email: string;
  /** What the order was paid with. */
  readonly paymentId: string;
  readonly reason: string;
}

export const CONDITIONS = ['as_new', 'damaged'] as const;

/** What the warehouse says of a parcel that came back. */
export interface Arrival {
  readonly condition: (typeof CONDITIONS)[number];
}

/** The first of these to come decides the return; both are signals of {@link ReturnWorkflow}. */
export type Outcome =
  { readonly signal: 'arrived'; readonly payload: Arrival } | { readonly signal: 'kept'; readonly payload: null };

type Context = DurableContext<ReturnRequest, ReturnWorkflow>;

const REFUNDING = { maxAttempts: 5, timeout: '30s' };

/** Takes an order back: the money for the goods, unless the customer keeps them after all. */
@Workflow({ name: 'return', version: 1 })
export class ReturnWorkflow {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly returns: ReturnBook,
    private readonly messages: OrderMessages,
    private readonly payments: PaymentsService,
    private readonly stock: StockService,
  ) {}

  @Step({ transactional: true })
  instruct({ input, manager }: Context): Promise<void> {
    return this.messages.tell(manager, 'return-instructions', { id: input.orderId, email: input.email });
  }

  /** The warehouse tells that the parcel is there, the customer that none will come. Neither: kept as well. */
  @WaitForAny(['arrived', 'kept'], { timeout: '14d' })
  answer!: Outcome | null;

  @Route()
  verdict({ results: { answer } }: Context): 'restock' | 'discard' | 'keep' {
    if (answer?.signal !== 'arrived') return 'keep';
    return answer.payload.condition === 'as_new' ? 'restock' : 'discard';
  }

  @Branch('verdict', REFUNDING)
  async restock(ctx: Context): Promise<void> {
    await this.refund(ctx);
    await this.dataSource.transaction((manager) => this.stock.release(manager, ctx.input.orderId));
  }

  @Branch('verdict', REFUNDING)
  discard(ctx: Context): Promise<void> {
    return this.refund(ctx);
  }

  @Branch('verdict')
  keep(_ctx: Context): void {}

  @Step({ transactional: true })
  async settle(ctx: Context): Promise<void> {
    const { input, manager } = ctx;
    const { branch } = ctx.signal<{ readonly branch: string }>('verdict')!;
    await this.returns.settle(manager, input.orderId, branch === 'keep' ? 'kept' : 'refunded');
    await this.messages.tell(manager, 'return-settled', { id: input.orderId, email: input.email });
  }

  private refund({ input, abortSignal }: Context): Promise<void> {
    return this.payments.refund(input.paymentId, abortSignal);
  }
}

import {
  Branch,
  ChildWorkflow,
  DurableRunner,
  ForEach,
  Parallel,
  Route,
  Sleep,
  Step,
  WaitForSignal,
  Workflow,
  type ChildInput,
  type Duration,
  type DurableContext,
} from '../../lib/index.js';
import { ShopConfig } from '../config/shop-config.js';
import type { Channel } from '../notifications/notification.entity.js';
import { PaymentsService, type Charge } from '../payments/payments.service.js';
import type { CarrierName } from '../shipping/carrier.js';
import { ShipmentWorkflow } from '../shipping/shipment.workflow.js';
import { ShippingService, type Label } from '../shipping/shipping.service.js';
import { StockService, type PricedLine, type StockLine } from '../stock/stock.service.js';
import { WarehouseService, type PackedLine } from '../warehouse/warehouse.service.js';
import { APPROVAL_SIGNAL, APPROVED_UP_TO_CENTS, DECISION_ID, type Approval } from './approval.js';
import { OrderBook } from './order-book.service.js';
import { OrderMessages } from './order-messages.service.js';
import { OrderRefusedError } from './order-refused.error.js';
import type { Order } from './order.interface.js';

type Context = DurableContext<Order, OrderWorkflow>;

/** The prices that the customer pays, whatever the shop asks for tomorrow. */
export interface Acceptance {
  readonly lines: readonly PricedLine[];
  readonly totalCents: number;
}

const OWN_APPROVAL: Approval = { approved: true, by: 'the shop' };
/** People who pack one order at one time. */
const PACKERS = 4;
/** A message is tried this often, and then left. */
const TELLING = { maxAttempts: 3, timeout: '10s' };
const BOOKING = { maxAttempts: 5, timeout: '30s', compensate: 'returnLabel' };

/**
 * Carries out an order, from the shelf to the customer's door. Steps that write only to this database are transactional
 * and happen exactly once; steps that call somebody else hand over an idempotency key and may be repeated. What completed
 * is undone in reverse order when a later step gives up or the customer cancels.
 */
@Workflow({ name: 'order', version: 1 })
export class OrderWorkflow {
  constructor(
    private readonly runner: DurableRunner,
    private readonly config: ShopConfig,
    private readonly orders: OrderBook,
    private readonly messages: OrderMessages,
    private readonly payments: PaymentsService,
    private readonly stock: StockService,
    private readonly warehouse: WarehouseService,
    private readonly shipping: ShippingService,
  ) {}

  /**
   * Fixes the prices. First done, last undone: its compensation closes the order, whatever went wrong after it.
   *
   * A wait stands in every run's plan, so an order that needs nobody's approval brings its own: it is there before the
   * wait begins, which takes it without parking.
   */
  @Step({ transactional: true, compensate: 'close' })
  async accept({ input, manager, runId }: Context): Promise<Acceptance> {
    const lines = await this.stock.price(manager, input.lines);
    const totalCents = lines.reduce((sum, line) => sum + line.quantity * line.unitCents, 0);
    await this.orders.accept(manager, input.id, totalCents);
    if (totalCents > APPROVED_UP_TO_CENTS) await this.messages.approvalWanted(manager, input);
    else await this.runner.signal(runId, APPROVAL_SIGNAL, OWN_APPROVAL, { id: DECISION_ID, manager });
    return { lines, totalCents };
  }

  /** In a transaction, as what it undoes was. */
  async close({ input, manager }: Context): Promise<void> {
    if (await this.orders.close(manager, input.id)) await this.messages.tell(manager, 'order-closed', input);
  }

  @WaitForSignal(APPROVAL_SIGNAL, { timeout: '3d' })
  approval!: Approval | null;

  /** From here on others are asked to do something, and in the end that is undone as well. */
  @Step({ compensate: 'sweep' })
  clear({ input, results }: Context): void {
    if (!results.approval?.approved) throw new OrderRefusedError(input.id, results.approval);
  }

  /**
   * The compensations of later steps run when those completed. An attempt that timed out or was aborted may have reached
   * the other side all the same, so whatever is still there goes as well.
   */
  async sweep(ctx: Context): Promise<void> {
    await this.refund(ctx);
    if (hasLeft(ctx)) return;
    await this.shipping.cancelLabels(ctx.input.id, ctx.abortSignal);
    await this.warehouse.unpack(ctx.input.id, undefined, ctx.abortSignal);
  }

  /** Customers think again soon or not at all, and so far nothing has to be given back. */
  @Sleep()
  grace(): Duration {
    return this.config.graceMs;
  }

  @Step({ maxAttempts: 5, backoff: (failed) => Math.min(0.25 * 2 ** failed, 30), timeout: '30s', compensate: 'refund' })
  charge(ctx: Context): Promise<Charge> {
    const { id: orderId, paymentToken: token } = ctx.input;
    const request = { orderId, amountCents: ctx.results.accept.totalCents, token };
    return this.payments.charge(request, ctx.idempotencyKey, ctx.abortSignal);
  }

  refund(ctx: Context): Promise<void> {
    return this.payments.undoCharge(ctx.input.id, ctx.idempotencyKeyOf('charge'), ctx.abortSignal);
  }

  @Step({ transactional: true, compensate: 'release' })
  reserve({ input, manager }: Context): Promise<void> {
    return this.stock.reserve(manager, input.id, input.lines);
  }

  async release(ctx: Context): Promise<void> {
    if (!hasLeft(ctx)) await this.stock.release(ctx.manager, ctx.input.id);
  }

  @ForEach({
    items: ({ input }: Context) => input.lines,
    concurrency: PACKERS,
    maxAttempts: 5,
    timeout: '30s',
    compensate: 'unpack',
  })
  pack(line: StockLine, ctx: Context): Promise<PackedLine> {
    return this.warehouse.pack(ctx.input.id, line, ctx.idempotencyKey, ctx.abortSignal);
  }

  async unpack(line: StockLine, ctx: Context): Promise<void> {
    if (!hasLeft(ctx)) await this.warehouse.unpack(ctx.input.id, line.sku, ctx.abortSignal);
  }

  @Route()
  carrier(ctx: Context): CarrierName {
    return ctx.input.delivery === 'express' ? 'courier' : 'post';
  }

  @Branch('carrier', BOOKING)
  courier(ctx: Context): Promise<Label> {
    return this.shipping.book('courier', addressed(ctx), ctx.idempotencyKey, ctx.abortSignal);
  }

  @Branch('carrier', BOOKING)
  post(ctx: Context): Promise<Label> {
    return this.shipping.book('post', addressed(ctx), ctx.idempotencyKey, ctx.abortSignal);
  }

  returnLabel(ctx: Context): Promise<void> {
    return this.shipping.cancelLabels(ctx.input.id, ctx.abortSignal);
  }

  /** The parcel leaves the house: nothing can be canceled any more. */
  @Step({ transactional: true })
  confirm(ctx: Context): Promise<void> {
    return this.orders.confirm(ctx.manager, ctx.input.id, labelOf(ctx).trackingCode);
  }

  @Parallel('notify', TELLING)
  email(ctx: Context): Promise<boolean> {
    return this.tell(ctx, 'email', ctx.input.email);
  }

  @Parallel('notify', TELLING)
  sms(ctx: Context): Promise<boolean> {
    return this.tell(ctx, 'sms', ctx.input.phone);
  }

  /** Takes days, in which the order holds nothing but its row. */
  @ChildWorkflow(ShipmentWorkflow)
  shipment(ctx: Context): ChildInput<ShipmentWorkflow> {
    return { orderId: ctx.input.id, ...labelOf(ctx) };
  }

  @Step({ transactional: true })
  async deliver({ input, manager }: Context): Promise<void> {
    await this.orders.advance(manager, input.id, 'confirmed', 'delivered');
    await this.messages.tell(manager, 'order-delivered', input);
  }

  /** Nobody's order is undone for a message: the last attempt gives in. @returns whether the customer was told. */
  private async tell(ctx: Context, channel: Channel, recipient: string | undefined): Promise<boolean> {
    if (recipient === undefined) return false;
    try {
      await this.messages.confirm(channel, ctx.input.id, recipient, ctx.idempotencyKey, ctx.abortSignal);
      return true;
    } catch (error) {
      if (ctx.attempt < TELLING.maxAttempts) throw error;
      ctx.logger.warn(`no ${channel} to ${recipient}: ${String(error)}`);
      return false;
    }
  }
}

/** What has left the house is on no shelf that it could be put back from. */
function hasLeft(ctx: Context): boolean {
  return ctx.signal('confirm') !== undefined;
}

function labelOf(ctx: Context): Label {
  return ctx.signal<{ readonly result: Label }>('carrier')!.result;
}

function addressed({ input }: Context): { orderId: string; address: string } {
  return { orderId: input.id, address: input.address };
}

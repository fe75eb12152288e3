import {
  Branch,
  ChildWorkflow,
  ForEach,
  Loop,
  Parallel,
  Route,
  Sleep,
  Step,
  WaitForAny,
  WaitForSignal,
  Workflow,
} from '../../../lib/decorators/index.js';
import type { DurableContext } from '../../../lib/definition/durable-context.js';
import { durable, type DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import type { StandardSchema } from '../../../lib/definition/plan.js';
import type { ChildInput, SignalNameOf } from '../../../lib/definition/results-of.js';

export interface Order {
  id: string;
  lines: string[];
}

export const schema: StandardSchema = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};

@Workflow({ name: 'shipment', version: 3 })
export class ShipmentWorkflow {
  @Step() book(ctx: DurableContext<{ orderId: string }>) {
    return { parcel: ctx.input.orderId };
  }
}

/** Every kind of node, every option. `EVERY_NODE_BUILDER` is the same plan. */
@Workflow({ name: 'every-node', version: 2, schema })
export class EveryNodeWorkflow {
  readonly log: string[] = [];

  @Step({ maxAttempts: 5, backoff: () => 1, timeout: '30s', retryIf: () => true, compensate: 'refund' })
  charge(ctx: DurableContext<Order>) {
    this.log.push(`charge ${ctx.input.id}`);
    return { id: 'c1' };
  }

  refund(ctx: DurableContext<Order>) {
    this.log.push(`refund ${ctx.input.id}`);
  }

  @Step({ transactional: true, name: 'stock' })
  reserve(_ctx: DurableContext<Order>) {}

  @Step({ transactional: 'SERIALIZABLE', compensate: () => undefined })
  book(_ctx: DurableContext<Order>) {}

  @Parallel('notify', { maxAttempts: 2 })
  email(_ctx: DurableContext<Order>) {}

  @Parallel('notify', { compensate: 'refund', name: 'text' })
  sms(_ctx: DurableContext<Order>) {}

  @Route({ maxAttempts: 4 })
  shipping(_ctx: DurableContext<Order>) {
    return 'courier';
  }

  @Branch('shipping', { compensate: 'refund' })
  courier(_ctx: DurableContext<Order>) {}

  @Branch('shipping', { maxAttempts: 1 })
  post(_ctx: DurableContext<Order>) {}

  @Loop({
    maxIterations: 10,
    until: (result: { done: boolean }) => result.done,
    while: () => true,
    feedback: (result: { cursor: string }) => result.cursor,
    mapInput: () => 'first',
    compensate: 'unpack',
  })
  import(cursor: string, _ctx: DurableContext<Order>) {
    return { done: true, cursor };
  }

  @ForEach({ items: (ctx) => ctx.input.lines as string[], concurrency: 8, compensate: 'unpack' })
  pack(line: string, _ctx: DurableContext<Order>) {
    this.log.push(`pack ${line}`);
    return line;
  }

  unpack(line: string, _ctx: DurableContext<Order>) {
    this.log.push(`unpack ${line}`);
  }

  @Sleep('7d') coolingOff!: void;

  @Sleep(new Date('2030-01-01T00:00:00Z'), { name: 'newYear' }) until!: void;

  @Sleep()
  nextMorning(_ctx: DurableContext<Order>): string | number | Date {
    return '8h';
  }

  @WaitForSignal('approved', { timeout: '3d', schema }) approval!: { by: string } | null;

  @WaitForSignal() paid!: { amount: number };

  @WaitForSignal({ timeout: 1000 })
  delivered(ctx: DurableContext<Order>): SignalNameOf<{ at: string } | null> {
    return `delivered-${ctx.input.id}`;
  }

  @WaitForAny(['accept', 'reject'], { timeout: '1w', schemas: { reject: schema } })
  decision!: { signal: 'accept' | 'reject'; payload: unknown } | null;

  @ChildWorkflow(ShipmentWorkflow, { parentClose: 'abandon' })
  shipment(ctx: DurableContext<Order>): ChildInput<ShipmentWorkflow> {
    return { orderId: ctx.input.id };
  }

  @ChildWorkflow('shipment') copy!: unknown;
}

const nothing = () => undefined;

export function everyNodeBuilder(): DurableWorkflow {
  return durable('every-node', { version: 2, schema })
    .step('charge', nothing, {
      maxAttempts: 5,
      backoff: () => 1,
      timeout: 30_000,
      retryIf: () => true,
      compensate: nothing,
    })
    .step('stock', nothing, { transactional: 'READ COMMITTED' })
    .step('book', nothing, { transactional: 'SERIALIZABLE', compensate: nothing })
    .parallel('notify', [
      { name: 'email', handler: nothing, maxAttempts: 2 },
      { name: 'text', handler: nothing, compensate: nothing },
    ])
    .route(
      'shipping',
      () => 'courier',
      { courier: { handler: nothing, compensate: nothing }, post: { handler: nothing, maxAttempts: 1 } },
      { maxAttempts: 4 },
    )
    .loop('import', nothing, {
      maxIterations: 10,
      until: () => true,
      while: () => true,
      feedback: nothing,
      mapInput: nothing,
      compensate: nothing,
    })
    .forEach('pack', nothing, { items: () => [], concurrency: 8, compensate: nothing })
    .sleep('coolingOff', 7 * 24 * 3600 * 1000)
    .sleep('newYear', new Date('2030-01-01T00:00:00Z'))
    .sleep('nextMorning', () => '8h')
    .waitForSignal('approval', 'approved', { timeout: '3d', schema })
    .waitForSignal('paid', 'paid')
    .waitForSignal('delivered', () => 'delivered', { timeout: '1s' })
    .waitForAny('decision', ['accept', 'reject'], { timeout: '7d', schemas: { reject: schema } })
    .childWorkflow('shipment', ShipmentWorkflow, nothing, { parentClose: 'abandon' })
    .childWorkflow('copy', 'shipment');
}

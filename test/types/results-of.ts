/**
 * Compile-time tests: `tsc` checks this file, nothing runs it. Covers the types that are derived from a workflow class,
 * and what the types of decorators refuse.
 */
import type { Duration } from '../../lib/common/duration.js';
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
} from '../../lib/decorators/index.js';
import type { DurableContext } from '../../lib/definition/durable-context.js';
import { durable } from '../../lib/definition/durable-workflow.js';
import type { BranchesOf, ChildInput, InputOf, ResultsOf, SignalNameOf } from '../../lib/definition/results-of.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_Condition extends true>(): void => undefined;

interface Order {
  id: string;
  express: boolean;
  lines: Line[];
}
interface Line {
  sku: string;
}
interface Charge {
  chargeId: string;
}
interface Approval {
  by: string;
}
interface Shipment {
  orderId: string;
}

@Workflow({ name: 'shipment', version: 1 })
class ShipmentWorkflow {
  @Step() async book(ctx: DurableContext<Shipment>): Promise<{ parcel: string }> {
    return { parcel: ctx.input.orderId };
  }
}

@Workflow('order')
class OrderWorkflow {
  private readonly secret = 'not a result';

  @Step({ maxAttempts: 5, compensate: 'refund' })
  async charge(ctx: DurableContext<Order, OrderWorkflow>): Promise<Charge> {
    return { chargeId: ctx.input.id + this.secret };
  }
  refund(ctx: DurableContext<Order, OrderWorkflow>): string {
    return ctx.results.charge.chargeId;
  }

  @Step({ transactional: true }) async reserve(_ctx: DurableContext<Order>): Promise<void> {}
  @Step() maybe(_ctx: DurableContext<Order>): Charge | undefined {
    return undefined;
  }
  @Step() untyped(_ctx: DurableContext): any {}
  @Step() ping(): number {
    return 1;
  }

  @Parallel('untold') letter(_ctx: DurableContext<Order>): void {}
  @Route() shipping(ctx: DurableContext<Order>): 'courier' | 'post' {
    return ctx.input.express ? 'courier' : 'post';
  }
  @Branch('shipping') async courier(_ctx: DurableContext<Order>): Promise<{ car: string }> {
    return { car: 'red' };
  }
  @Branch('shipping') post(_ctx: DurableContext<Order>): void {}

  @Loop({ maxIterations: 3, until: (result: { done: boolean }) => result.done })
  import(cursor: string, _ctx: DurableContext<Order>): { done: boolean; cursor: string } {
    return { done: true, cursor };
  }
  @ForEach({ items: (ctx: DurableContext<Order>) => ctx.input.lines, compensate: (line: Line) => line.sku })
  async pack(line: Line, _ctx: DurableContext<Order>): Promise<string> {
    return line.sku;
  }

  @Sleep('7d') coolingOff!: void;
  @Sleep() untilMorning(_ctx: DurableContext<Order>): Duration {
    return '8h';
  }
  @WaitForSignal('approved', { timeout: '3d' }) approval!: Approval | null;
  @WaitForSignal({ timeout: '1d' }) delivered(ctx: DurableContext<Order>): SignalNameOf<{ at: string } | null> {
    return `delivered-${ctx.input.id}`;
  }
  @WaitForAny(['yes', 'no']) decision!: { signal: 'yes' | 'no'; payload: unknown } | null;
  @ChildWorkflow(ShipmentWorkflow) shipment(ctx: DurableContext<Order>): ChildInput<ShipmentWorkflow> {
    return { orderId: ctx.input.id };
  }
  @ChildWorkflow('shipment') async later(ctx: DurableContext<Order>): Promise<ChildInput<ShipmentWorkflow>> {
    return { orderId: ctx.input.id };
  }
  @ChildWorkflow(() => ShipmentWorkflow) copy!: ResultsOf<ShipmentWorkflow>;
}

/** Groups and routes, with return types that are inferred, even where they depend on each other. */
@Workflow('grouped')
class GroupedWorkflow {
  @Step() quote(ctx: DurableContext<Order, GroupedWorkflow>) {
    return { price: ctx.input.lines.length };
  }
  declare readonly notify: BranchesOf<GroupedWorkflow, 'email' | 'sms'>;
  @Parallel('notify') email(ctx: DurableContext<Order, GroupedWorkflow>) {
    return { to: ctx.input.id, price: ctx.results.quote.price };
  }
  @Parallel('notify') async sms(_ctx: DurableContext<Order>) {}
  @Route() async shipping(ctx: DurableContext<Order, GroupedWorkflow>) {
    return ctx.results.notify.email.price > 3 ? 'courier' : 'post';
  }
  @Branch('shipping') courier(ctx: DurableContext<Order, GroupedWorkflow>) {
    return { car: ctx.results.notify.email.to };
  }
  @Branch('shipping') post(_ctx: DurableContext<Order>) {
    return 5;
  }
  @Step() close(ctx: DurableContext<Order, GroupedWorkflow>) {
    const { shipping } = ctx.results;
    return shipping.branch === 'courier' ? shipping.result.car : shipping.result;
  }
  @Step() say(): 'hello' | 'world' {
    return 'hello';
  }
  @Step() label(_ctx: DurableContext<Order>): string {
    return 'a text';
  }
  @Step() fail(): never {
    throw new Error('always');
  }
}

/** Return types may be inferred, even from results of earlier nodes. */
@Workflow('inferred')
class InferredWorkflow {
  @Step() first(ctx: DurableContext<Order, InferredWorkflow>) {
    return { id: ctx.input.id };
  }
  @Step() second(ctx: DurableContext<Order, InferredWorkflow>) {
    return ctx.results.first.id.length;
  }
  @Step() third(ctx: DurableContext<Order, InferredWorkflow>) {
    return [ctx.results.second];
  }
}

type Results = ResultsOf<OrderWorkflow>;

export function results(): void {
  assert<Equal<Results['charge'], Charge>>();
  assert<Equal<Results['reserve'], null>>();
  assert<Equal<Results['maybe'], Charge | null>>();
  assert<Equal<Results['untyped'], any>>();
  assert<Equal<Results['ping'], number>>();
  assert<Equal<Results['import'], { done: boolean; cursor: string }[]>>();
  assert<Equal<Results['pack'], string[]>>();
  assert<Equal<Results['coolingOff'], null>>();
  assert<Equal<Results['untilMorning'], null>>();
  assert<Equal<Results['approval'], Approval | null>>();
  assert<Equal<Results['delivered'], { at: string } | null>>();
  assert<Equal<Results['shipment']['book'], { parcel: string }>>();
  assert<Equal<Results['later']['book'], { parcel: string }>>();
  assert<Equal<Results['copy']['book'], { parcel: string }>>();
  assert<Equal<Results['untold'], any>>();
  type Shipping = { branch: 'courier'; result: { car: string } } | { branch: 'post'; result: null };
  assert<Equal<Results['shipping'], Shipping>>();
  assert<Equal<ResultsOf<InferredWorkflow>['third'], number[]>>();
  type Grouped = ResultsOf<GroupedWorkflow>;
  assert<Equal<Grouped['notify']['email'], { to: string; price: number }>>();
  assert<Equal<Grouped['notify']['sms'], null>>();
  assert<Equal<Extract<Grouped['shipping'], { branch: 'post' }>['result'], number>>();
  assert<Equal<Grouped['close'], string | number>>();
  assert<Equal<Grouped['say'], 'hello' | 'world'>>();
  assert<Equal<Grouped['label'], string>>();
  // @ts-expect-error a branch that does not exist
  const missing = {} as BranchesOf<GroupedWorkflow, 'letter'>;
  void missing;
  const charge: Charge = {} as Results['charge'];
  // @ts-expect-error a charge is no number
  const wrong: number = {} as Results['charge'];
  const anything: string = ({} as ResultsOf<any>).whatever;
  void [charge, wrong, anything];
}

export function inputs(): void {
  assert<Equal<InputOf<OrderWorkflow>, Order>>();
  assert<Equal<InputOf<ShipmentWorkflow>, Shipment>>();

  class NoContext {
    @Step() ping(): void {}
  }
  assert<Equal<InputOf<NoContext>, any>>();

  class Untyped {
    @Step() ping(_ctx: DurableContext): void {}
  }
  assert<Equal<InputOf<Untyped>, any>>();

  class Union {
    @Step() a(_ctx: DurableContext<'x' | 'y'>): void {}
    @ForEach({ items: () => [] }) b(_item: string, _ctx?: DurableContext<'x' | 'y'>): void {}
  }
  assert<Equal<InputOf<Union>, 'x' | 'y'>>();

  class Several {
    @Step() a(_ctx: DurableContext<{ id: string }>): void {}
    @Step() b(_ctx: DurableContext<{ total: number }>): void {}
  }
  const both: InputOf<Several> = { id: 'o1', total: 3 };
  // @ts-expect-error one step needs the total
  const half: InputOf<Several> = { id: 'o1' };
  void [both, half];
}

export class Refused {
  // @ts-expect-error a step stands on a method
  @Step() property!: string;
  // @ts-expect-error a step takes the context alone
  @Step() twoParameters(_line: Line, _ctx: DurableContext): void {}
  // @ts-expect-error a context is no line
  @Step() otherParameter(_line: number): void {}
  // @ts-expect-error an option that does not exist
  @Step({ maxRetries: 3 }) option(): void {}
  // @ts-expect-error seconds come from a function
  @Step({ backoff: 5 }) backoff(): void {}
  // @ts-expect-error an isolation level that does not exist
  @Step({ transactional: 'READ UNCOMMITTED' }) isolation(): void {}
  // @ts-expect-error a loop has a limit
  @Loop({}) loop(_input: string): void {}
  // @ts-expect-error a forEach has items
  @ForEach({ concurrency: 3 }) forEach(_item: string): void {}
  // @ts-expect-error a wait for one of several signals stands on a property
  @WaitForAny(['a']) any(): void {}
  // @ts-expect-error nodes are stored by name
  @Step() [Symbol.iterator](): void {}
  // @ts-expect-error groups have no transactions
  @Parallel('g', { transactional: true }) branch(): void {}
}

export function builder(): void {
  durable('w')
    .step('a', (ctx: DurableContext<Order>) => ctx.input.express)
    .forEach('b', (line: Line, ctx: DurableContext<Order>) => `${line.sku}${ctx.input.id}`, {
      items: (ctx: DurableContext<Order>) => ctx.input.lines,
      compensate: (line: Line) => line.sku,
    })
    .childWorkflow('c', ShipmentWorkflow, (ctx) => ({ orderId: ctx.input.id }));
  // @ts-expect-error a loop has a limit
  durable('w').loop('a', () => 1, {});
  // @ts-expect-error a group's options are its branches', which cannot be undone by one handler
  durable('w').parallel('a', [], { compensate: () => 1 });
  // @ts-expect-error a child is a name, a class or a plan
  durable('w').childWorkflow('a', 5);
}

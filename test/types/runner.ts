/**
 * Compile-time tests: `tsc` checks this file, nothing runs it. Covers what the runner's types make of a workflow class:
 * inputs, results and payloads of signals. What they are derived from is in results-of.ts.
 */
import {
  ChildWorkflow,
  durable,
  Sleep,
  Step,
  WaitForAny,
  WaitForSignal,
  Workflow,
  type DurableContext,
  type DurableRunner,
  type RunHandle,
  type SignalNameOf,
} from '../../lib/index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const assert = <_Condition extends true>(): void => undefined;

interface Order {
  id: string;
}
interface Approval {
  by: string;
}

@Workflow('order')
class OrderWorkflow {
  @Step() charge(ctx: DurableContext<Order, OrderWorkflow>): { paid: string } {
    return { paid: ctx.input.id };
  }
  @WaitForSignal('approved', { timeout: '3d' }) approval!: Approval | null;
  @WaitForSignal() delivered(ctx: DurableContext<Order>): SignalNameOf<{ at: string } | null> {
    return `delivered-${ctx.input.id}`;
  }
  @WaitForAny(['yes', 'no']) decision!: { signal: 'yes' | 'no'; payload: number } | null;
  @WaitForAny(['left', 'right']) way!:
    { signal: 'left'; payload: boolean } | { signal: 'right'; payload: string } | null;
  @Sleep('7d') coolingOff!: void;
  @ChildWorkflow('shipment') shipment!: unknown;
}

@Workflow('ping')
class PingWorkflow {
  @Step() ping(): number {
    return 1;
  }
}

@Workflow('optional')
class OptionalWorkflow {
  @Step() first(_ctx: DurableContext<Order | null>): void {}
}

export async function starts(runner: DurableRunner): Promise<void> {
  const run = await runner.start(OrderWorkflow, { id: 'o1' }, { idempotencyKey: 'o1' });
  assert<Equal<Awaited<ReturnType<typeof run.result>>['charge'], { paid: string }>>();
  const { charge } = await runner.startAndWait(OrderWorkflow, { id: 'o1' });
  const paid: string = charge.paid;
  const [first] = await runner.startMany(OrderWorkflow, [{ id: 'o1' }], { idempotencyKey: (order) => order.id });
  const same: string = (await first.result()).charge.paid;
  void [paid, same];
  const untyped: RunHandle = run;
  await untyped.signal('whatever', 5);

  await runner.start(PingWorkflow);
  await runner.start(OptionalWorkflow);
  await runner.start('by-name');
  await runner.start('by-name', { anything: true });
  await runner.start(durable('built'), 5, { priority: 1 });

  // @ts-expect-error an order has an id
  await runner.start(OrderWorkflow, { name: 'o1' });
  // @ts-expect-error an order is needed
  await runner.start(OrderWorkflow);
  // @ts-expect-error an order is needed
  await runner.startAndWait(OrderWorkflow);
  // @ts-expect-error one of them is no order
  await runner.startMany(OrderWorkflow, [{ id: 'o1' }, 5]);
  // @ts-expect-error an option that does not exist
  await runner.start(OrderWorkflow, { id: 'o1' }, { prio: 5 });
  // @ts-expect-error a run that is waited for is not started in a transaction
  await runner.startAndWait(OrderWorkflow, { id: 'o1' }, { manager: undefined });
}

export async function signals(runner: DurableRunner): Promise<void> {
  const run = await runner.start(OrderWorkflow, { id: 'o1' });
  await run.signal('approval', { by: 'Ann' }, { id: 's1' });
  await run.signal('delivered', { at: 'noon' });
  await run.signal('yes', 5);
  await run.signal('left', true);
  await run.signal('right', 'there');
  await run.signal('approved', { any: 'thing' });
  await run.signal('charge', 'a signal with the name of a step');
  const target = { workflow: OrderWorkflow, idempotencyKey: 'o1' };
  await runner.signal(target, 'approval', { by: 'Ann' });
  await runner.signal({ workflow: OrderWorkflow, runId: run.id }, 'approval', { by: 'Ann' });
  await runner.signal({ workflow: 'order', idempotencyKey: 'o1' }, 'approval', 5);
  await runner.signal(run.id, 'approved');
  await runner.signal(run.id, 'approved', { by: 5 }, { id: 's1' });

  // @ts-expect-error an approval says by whom
  await run.signal('approval', { at: 'noon' });
  // @ts-expect-error an approval is needed
  await run.signal('approval');
  // @ts-expect-error a delivery has a time
  await run.signal('delivered', { by: 'Ann' });
  // @ts-expect-error a yes carries a number
  await run.signal('yes', 'five');
  // @ts-expect-error a left carries a boolean
  await run.signal('left', 'there');
  // @ts-expect-error an approval says by whom
  await runner.signal(target, 'approval', { at: 'noon' });
  // @ts-expect-error a run has an id or a key
  await runner.signal({ workflow: OrderWorkflow }, 'approval', { by: 'Ann' });
}

export async function orders(runner: DurableRunner): Promise<void> {
  void (await runner.pause('run', { by: 'Ann' })).status;
  await runner.pause({ workflow: OrderWorkflow }, { reason: 'a look' });
  // @ts-expect-error a workflow has no status
  void (await runner.unpause({ workflow: 'order', version: 2 })).status;
  const explanation = await runner.explain('run');
  if (explanation.reason === 'waiting_for_signal') assert<Equal<typeof explanation.signals, readonly string[]>>();
  // @ts-expect-error only a run that waits for a signal has some
  void explanation.signals;
}

import type { Provider } from '@nestjs/common';
import { durable, NonRetryableError, type DurableContext, type DurableWorkflow } from '../../../lib/index.js';
import { Gates } from './gates.js';
import { Ledger } from './ledger.js';

/**
 * Which state of its code a process of the deploy tests runs. `fixed` has the plans of `former`, but what keeps runs in
 * their states there does not happen any more.
 */
export type CodeState = 'former' | 'changed' | 'fixed';

/** Where a run of `tour` or `walk` is kept by the former code: a step, a backoff, a child, a signal, a sleep, an undo. */
export type TourState = 'step' | 'retry' | 'child' | 'signal' | 'sleep' | 'undo' | 'end';

export interface TourInput {
  readonly until: TourState;
  /** Milliseconds. */
  readonly sleep: number;
}

interface Parts {
  readonly act: (ctx: DurableContext<TourInput>) => Promise<void>;
  readonly gate: (ctx: DurableContext<TourInput>) => Promise<void>;
  /** True for a run that this code keeps in this state. */
  readonly keeps: (ctx: DurableContext<TourInput>, state: TourState) => boolean;
}

/**
 * - `tour`: the changed code renames its first step under the same version, which no run survives that has passed it, and
 *   has a second version beside it.
 * - `walk`: the changed code appends a step.
 * - `museum`: the child of both; it stays as it is.
 */
export function deployWorkflows(code: CodeState): Provider[] {
  const changed = code === 'changed';
  const makers: ((parts: Parts) => DurableWorkflow)[] = [
    museum,
    (parts) => trip('tour', parts, changed ? 'load' : 'pack'),
    (parts) => (changed ? trip('walk', parts, 'pack').step('thank', parts.act) : trip('walk', parts, 'pack')),
    ...(changed ? [({ act }: Parts) => durable('tour', { version: 2 }).step('fly', act).step('return', act)] : []),
  ];
  return makers.map((make, index) => ({
    provide: `plan ${index}`,
    inject: [Ledger, Gates],
    useFactory: (ledger: Ledger, gates: Gates) =>
      make({
        act: (ctx) => ledger.outside(ctx),
        gate: (ctx) => gates.pass(ctx),
        keeps: (ctx, state) => code === 'former' && ctx.input.until === state,
      }),
  }));
}

function museum({ act, gate, keeps }: Parts): DurableWorkflow {
  return durable('museum').step('look', async (ctx: DurableContext<TourInput>) => {
    await act(ctx);
    if (keeps(ctx, 'child')) await gate(ctx);
  });
}

function trip(name: string, { act, gate, keeps }: Parts, first: string): DurableWorkflow {
  const undo = async (ctx: DurableContext<TourInput>): Promise<void> => {
    await act(ctx);
    if (keeps(ctx, 'undo')) await gate(ctx);
  };
  const drive = async (ctx: DurableContext<TourInput>): Promise<void> => {
    await act(ctx);
    if (keeps(ctx, 'retry')) throw new Error('the road is closed');
  };
  return durable(name)
    .step(first, act, { compensate: undo })
    .step('drive', drive, { maxAttempts: 100, backoff: () => 1 })
    .step('stop', async (ctx: DurableContext<TourInput>) => {
      await act(ctx);
      if (keeps(ctx, 'step')) await gate(ctx);
    })
    .childWorkflow('visit', 'museum')
    .waitForSignal('call', 'go')
    .sleep('rest', (ctx: DurableContext<TourInput>) => (ctx.input.until === 'sleep' ? ctx.input.sleep : 0))
    .step('home', async (ctx: DurableContext<TourInput>) => {
      await act(ctx);
      if (ctx.input.until === 'undo') throw new NonRetryableError('no way home');
    });
}

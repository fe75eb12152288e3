import type { DurableContext } from '../../definition/durable-context.js';
import type { UnitOptions } from '../../definition/plan.js';

/** Something that is attempted, journaled and retried on its own: a step, branch, iteration, item or undo. */
export interface Unit {
  /** The journal key, which is also the second half of the idempotency key. */
  readonly key: string;
  readonly options: Omit<UnitOptions, 'compensate'>;
  readonly call: (ctx: DurableContext) => unknown;
  /** What a suspended step is entered again with. */
  readonly resumed?: Resumption;
}

/** JSON texts of what a step was suspended with, and of what `resume` brought. */
export interface Resumption {
  readonly suspension: string;
  readonly data: string;
}

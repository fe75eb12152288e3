import { setTimeout as delay } from 'node:timers/promises';
import { NonRetryableError, type DurableContext } from '../../../lib/index.js';
import { insertEffect } from '../ledger/inside-ledger.js';
import type { OutsideLedger } from '../ledger/outside-ledger.js';
import type { StepSpec, UnitSpec } from './plan-spec.js';

/** Where a process that was told to kill itself does so. */
export interface Trap {
  /** An effect was begun and not ended: in a step, or in what undoes one. */
  inEffect(key: string): void;
}

/** What the handlers of generated plans do: effects, written down in both ledgers, that fail as their plan says. */
export class Deeds {
  /** Handlers in progress by run, with their units. */
  private readonly open = new Map<string, string[]>();

  constructor(
    private readonly ledger: OutsideLedger,
    private readonly trap: Trap,
  ) {}

  act(ctx: DurableContext, unit: UnitSpec | StepSpec): Promise<unknown> {
    const hangs = 'hangs' in unit && unit.hangs && ctx.attempt === 1;
    return this.perform(ctx, unit, ctx.stepName, async () => {
      if (hangs) await delay(60_000, undefined, { signal: ctx.abortSignal });
      if (ctx.attempt <= unit.failures) throw this.failure(ctx);
      if (!('kind' in unit)) return;
      if (unit.kind === 'step' && unit.heartbeat) await ctx.heartbeat({ attempt: ctx.attempt });
      if (unit.kind === 'step' && unit.transactional) await insertEffect(ctx);
    });
  }

  undo(ctx: DurableContext, unit: UnitSpec | StepSpec): Promise<unknown> {
    return this.perform(ctx, unit, ctx.stepName, async () => {
      if (unit.undo === 'always') throw new NonRetryableError('cannot be undone, by plan');
      if (ctx.attempt <= unit.undo!) throw new Error(`undo ${ctx.attempt} fails by plan`);
      if ('kind' in unit && unit.kind === 'step' && unit.transactional) await insertEffect(ctx);
    });
  }

  /** The first entry of a step that suspends itself. Its journal row is that of the suspension. */
  async ask(ctx: DurableContext, unit: UnitSpec): Promise<unknown> {
    await this.perform(ctx, unit, `wait:${ctx.stepName}#0`, async () => undefined);
    return { status: 'suspended', question: ctx.stepName };
  }

  private failure({ runId: run, stepName: key, attempt, abortSignal }: DurableContext): Error {
    if (!abortSignal.aborted) this.ledger.write({ event: 'fail', at: Date.now(), run, key, attempt });
    return new Error(`attempt ${attempt} fails by plan`);
  }

  private async perform(
    ctx: DurableContext,
    unit: UnitSpec,
    key: string,
    work: () => Promise<void>,
  ): Promise<{ readonly by: number }> {
    // Before anything else: a process may be stopped at any later moment, for longer than its lease.
    const at = Date.now();
    const { runId, attempt } = ctx;
    const close = this.enter(runId, key);
    ctx.abortSignal.addEventListener('abort', close);
    this.ledger.write({
      event: 'begin',
      at,
      run: runId,
      key,
      attempt,
      busy: this.open.size,
      beside: this.beside(runId, key),
    });
    try {
      if (unit.latency > 0) await delay(unit.latency / 2);
      this.trap.inEffect(key);
      if (unit.latency > 0) await delay(unit.latency / 2, undefined, unit.deaf ? {} : { signal: ctx.abortSignal });
      await work();
      this.ledger.write({ event: 'end', at: Date.now(), run: runId, key, attempt });
      return { by: process.pid };
    } finally {
      close();
    }
  }

  private enter(run: string, key: string): () => void {
    const keys = this.open.get(run) ?? [];
    this.open.set(run, keys);
    keys.push(key);
    let entered = true;
    return () => {
      if (!entered) return;
      entered = false;
      keys.splice(keys.indexOf(key), 1);
      if (keys.length === 0 && this.open.get(run) === keys) this.open.delete(run);
    };
  }

  /** Handlers of one node of a run that are in progress at one time. */
  private beside(run: string, key: string): number {
    const node = key.split('#')[0];
    return (this.open.get(run) ?? []).filter((other) => other.split('#')[0] === node).length;
  }
}

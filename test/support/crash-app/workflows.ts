import { NonRetryableError, Step, Workflow, type DurableContext } from '../../../lib/index.js';
import { Gates } from './gates.js';
import { Ledger } from './ledger.js';

/** A step that fails because its database connection was cut is worth many tries, soon after one another. */
const STUBBORN = { maxAttempts: 50, backoff: () => 0.05 };

export interface TripInput {
  /** What the steps outside a transaction take on average, in milliseconds. */
  readonly latency: number;
}

/** Steps of both kinds in turn, each with its effect in one of the ledgers. */
@Workflow('trip')
export class TripWorkflow {
  constructor(private readonly ledger: Ledger) {}

  @Step(STUBBORN)
  async quote(ctx: DurableContext<TripInput>): Promise<{ price: number }> {
    await this.work(ctx);
    return { price: 100 };
  }

  @Step({ ...STUBBORN, transactional: true })
  async seat(ctx: DurableContext<TripInput>): Promise<string> {
    await this.ledger.inside(ctx);
    return '12A';
  }

  @Step(STUBBORN)
  async pay(ctx: DurableContext<TripInput>): Promise<{ paid: number }> {
    await this.work(ctx);
    return { paid: ctx.results.quote.price };
  }

  @Step({ ...STUBBORN, transactional: true })
  async room(ctx: DurableContext<TripInput>): Promise<string> {
    await this.ledger.inside(ctx);
    return '301';
  }

  @Step(STUBBORN)
  async mail(ctx: DurableContext<TripInput>): Promise<string> {
    await this.work(ctx);
    return `${ctx.results.seat} ${ctx.results.room} ${ctx.results.pay.paid}`;
  }

  private work(ctx: DurableContext<TripInput>): Promise<void> {
    return this.ledger.outside(ctx, ctx.input.latency * (0.5 + Math.random()));
  }
}

/** Its second step stands at a gate; what it returns says who let it through. */
@Workflow('gated')
export class GatedWorkflow {
  constructor(
    private readonly ledger: Ledger,
    private readonly gates: Gates,
  ) {}

  @Step()
  async before(ctx: DurableContext): Promise<void> {
    await this.ledger.outside(ctx);
  }

  @Step()
  async hold(ctx: DurableContext): Promise<{ pid: number }> {
    await this.ledger.outside(ctx);
    await this.gates.pass(ctx);
    return { pid: process.pid };
  }

  @Step()
  async after(ctx: DurableContext): Promise<void> {
    await this.ledger.outside(ctx);
  }
}

export interface TransferInput {
  /** Stand at a gate between the effect and the commit. */
  readonly gate?: boolean;
  /** What the database does when the first attempt commits: raises an error, or takes very long. */
  readonly atCommit?: 'refuse' | 'sleep';
}

/** One transactional step, and a gated one behind it. */
@Workflow('transfer')
export class TransferWorkflow {
  constructor(
    private readonly ledger: Ledger,
    private readonly gates: Gates,
  ) {}

  @Step({ transactional: true, maxAttempts: 5, backoff: () => 0.05 })
  async move(ctx: DurableContext<TransferInput>): Promise<{ pid: number }> {
    await this.ledger.inside(ctx);
    const { atCommit, gate } = ctx.input;
    if (atCommit && ctx.attempt === 1)
      await ctx.manager.query('insert into at_commit (action) values ($1)', [atCommit]);
    if (gate) await this.gates.pass(ctx);
    return { pid: process.pid };
  }

  @Step()
  async confirm(ctx: DurableContext<TransferInput>): Promise<void> {
    await this.ledger.outside(ctx);
    if (ctx.input.gate) await this.gates.pass(ctx);
  }
}

export interface PoisonInput {
  readonly how: 'abort' | 'exit';
}

/** Kills whoever executes its second step. */
@Workflow('poison')
export class PoisonWorkflow {
  constructor(private readonly ledger: Ledger) {}

  @Step()
  async swallow(ctx: DurableContext): Promise<void> {
    await this.ledger.outside(ctx);
  }

  @Step()
  async die(ctx: DurableContext<PoisonInput>): Promise<void> {
    await this.ledger.outside(ctx);
    die(ctx.input.how);
  }
}

/** Kills whoever executes its compensation. */
@Workflow('poison-undo')
export class PoisonUndoWorkflow {
  constructor(private readonly ledger: Ledger) {}

  @Step({ compensate: 'unbook' })
  async book(ctx: DurableContext): Promise<void> {
    await this.ledger.outside(ctx);
  }
  async unbook(ctx: DurableContext<PoisonInput>): Promise<void> {
    await this.ledger.outside(ctx);
    die(ctx.input.how);
  }

  @Step()
  fail(): never {
    throw new NonRetryableError('sold out');
  }
}

/** Kills whoever executes it before anything else of that process gets a turn. */
@Workflow('poison-at-once')
export class PoisonAtOnceWorkflow {
  @Step()
  die(ctx: DurableContext<PoisonInput>): void {
    die(ctx.input.how);
  }
}

export interface SpinInput {
  readonly ms: number;
}

/** Blocks the event loop of the first process that executes it. */
@Workflow('spin')
export class SpinWorkflow {
  constructor(private readonly ledger: Ledger) {}

  @Step()
  async spin(ctx: DurableContext<SpinInput>): Promise<{ pid: number }> {
    await this.ledger.outside(ctx);
    if ((await this.ledger.beginnings(ctx)) === 1) block(ctx.input.ms);
    return { pid: process.pid };
  }

  @Step()
  async after(ctx: DurableContext): Promise<void> {
    await this.ledger.outside(ctx);
  }
}

export const WORKFLOWS = [
  TripWorkflow,
  GatedWorkflow,
  TransferWorkflow,
  PoisonWorkflow,
  PoisonUndoWorkflow,
  PoisonAtOnceWorkflow,
  SpinWorkflow,
];

function die(how: PoisonInput['how']): void {
  if (how === 'abort') process.abort();
  process.exit(13);
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

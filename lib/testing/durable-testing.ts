import type { INestApplicationContext } from '@nestjs/common';
import { durationMs, type Duration } from '../common/duration.js';
import { settledWithin } from '../common/settled-within.js';
import { DURABLE_OPTIONS } from '../durable.constants.js';
import { DurableEngine } from '../durable.engine.js';
import type { ResolvedDurableOptions } from '../durable.options.js';
import { DurableError } from '../errors/index.js';
import { VirtualClock } from './virtual-clock.js';

/** Real time that `drain` waits for steps to finish; one that takes longer waits for something the test has to do. */
const DRAIN_LIMIT_MS = 10_000;
/** Real time without an end after which `advance` takes a step to be waiting for the clock itself. */
const PATIENCE_MS = 40;
/** Rounds of claims after which `drain` suspects a run that makes itself due for ever. */
const MAX_ROUNDS = 10_000;

/**
 * Drives the durable execution of one or more applications in a test, without sleeping.
 *
 * The applications share one {@link VirtualClock}, given as the module's `clock` option.
 *
 * @example
 * ```ts
 * const clock = new VirtualClock();
 * const moduleRef = await Test.createTestingModule({
 *   imports: [
 *     TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, autoLoadEntities: true }),
 *     DurableModule.forRoot({ clock }),
 *   ],
 *   providers: [OrderWorkflow],
 * }).compile();
 * await moduleRef.init();
 * const durable = DurableTesting.of(moduleRef);
 *
 * const run = await moduleRef.get(DurableRunner).start(OrderWorkflow, order);
 * await durable.drain(); // runs all due work
 * await durable.advance('3d'); // moves leases, backoffs and timers, and runs what becomes due on the way
 * ```
 */
export class DurableTesting {
  private constructor(
    private readonly engines: readonly DurableEngine[],
    readonly clock: VirtualClock,
  ) {}

  /** @throws DurableError when an application's `clock` is not a VirtualClock, or when they do not share one. */
  static of(...applications: readonly INestApplicationContext[]): DurableTesting {
    const clocks = applications.map((app) => app.get<ResolvedDurableOptions>(DURABLE_OPTIONS, { strict: false }).clock);
    const [clock] = clocks;
    if (!(clock instanceof VirtualClock) || clocks.some((other) => other !== clock)) {
      throw new DurableError(
        'DURABLE_TESTING',
        'DurableTesting drives applications that share one virtual clock: DurableModule.forRoot({ clock: new VirtualClock() }).',
      );
    }
    return new DurableTesting(
      applications.map((app) => app.get(DurableEngine, { strict: false })),
      clock,
    );
  }

  now(): Date {
    return this.clock.now();
  }

  /**
   * Executes everything that is due now, and what becomes due by that, until nothing is left to do.
   *
   * @throws DurableError when a step has not finished after ten seconds of real time.
   */
  async drain(): Promise<void> {
    await this.settle(async (work) => {
      if (await settledWithin(work, DRAIN_LIMIT_MS)) return;
      throw new DurableError(
        'DURABLE_TESTING',
        `These steps have not finished: ${this.running().join(', ')}. Let them finish, or advance the clock to their timeout.`,
      );
    });
  }

  /**
   * Moves the clock, stopping at every timer on the way, and executes what becomes due at each. Leases are renewed at
   * every stop; those of workers that are gone end, and their runs are taken over.
   */
  async advance(duration: Duration): Promise<void> {
    const target = new Date(this.clock.now().getTime() + durationMs(duration, 'DurableTesting.advance'));
    await this.quiesce();
    for (let next = this.clock.nextTimer(); next !== null && next <= target; next = this.clock.nextTimer()) {
      await this.stopAt(next);
    }
    await this.stopAt(target);
  }

  private async stopAt(time: Date): Promise<void> {
    this.clock.moveTo(time);
    for (const { worker } of this.engines) await worker?.renew();
    for (const { worker } of this.engines) await worker?.sweep();
    this.clock.fire();
    await this.quiesce();
  }

  /** Like `drain`, but a step that waits, for the clock perhaps, is left alone. The database is waited for. */
  private quiesce(): Promise<void> {
    return this.settle(async (work) => {
      const deadline = performance.now() + DRAIN_LIMIT_MS;
      while (!(await settledWithin(work, PATIENCE_MS))) {
        const busy = this.engines.some(({ worker }) => worker?.isBusy);
        if (!busy || performance.now() >= deadline) return;
      }
    });
  }

  private async settle(wait: (work: Promise<unknown>) => Promise<void>): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = this.progress();
      for (const { worker } of this.engines) if (worker) await wait(worker.settle());
      if (this.progress() === before) return;
    }
    throw new DurableError('DURABLE_TESTING', `Work became due ${MAX_ROUNDS} times in a row: a run repeats itself.`);
  }

  private progress(): number {
    return this.engines.reduce((sum, { worker }) => sum + (worker?.turns ?? 0), 0);
  }

  private running(): string[] {
    return this.engines
      .flatMap(({ worker }) => worker?.sessions.all() ?? [])
      .map(({ workflow, id, cursor }) => {
        return `${workflow.name}.${workflow.steps[cursor]?.name ?? 'end'} of run ${id}`;
      });
  }
}

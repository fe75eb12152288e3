import { setTimeout as delay } from 'node:timers/promises';
import type { Dice } from '../../support/interleaving/dice.js';
import type { Observer } from '../audit/observer.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Command } from '../fleet/soak-settings.js';
import { IS_KEPT_WAITING } from './kept-waiting.js';
import type { PlanSpec, SoakInput } from './plan-spec.js';

/** How often runs that wait are looked for. */
const LOOK_MS = 200;
/** A signal that did not end the wait is followed by another one after this. */
const SEND_AGAIN_MS = 1_500;
const CANCELED_SHARE = 0.05;
/** Of the runs, some get their signals before they wait for them. */
const EARLY_SHARE = 0.25;
/** And some get none before the faults have stopped. */
const LATE_SHARE = 0.02;

interface WaitingRow {
  readonly id: string;
  readonly awaiting: readonly string[];
}

/** A start that is repeated, through whichever worker lives, until one acknowledges it. */
interface Order {
  readonly key: string;
  readonly plan: PlanSpec;
  readonly input: SoakInput;
}

/**
 * Callers of the application: they start runs and repeat a start with its key until it is acknowledged, send signals and
 * resumptions to runs that wait, and cancel a few. As many runs as wanted are under way at any time.
 */
export class Traffic {
  readonly counts = { starts: 0, repeatedStarts: 0, signals: 0, resumptions: 0, cancels: 0 };
  private readonly asking = new Set<Promise<void>>();
  private readonly sent = new Map<string, { count: number; at: number }>();
  private starting = true;
  private sendsLate = false;
  private ended = false;
  private underWay = 0;
  private loop: Promise<void> | null = null;

  constructor(
    private readonly fleet: Fleet,
    private readonly observer: Observer,
    private readonly plans: readonly PlanSpec[],
    private readonly dice: Dice,
    private readonly target: number,
  ) {}

  begin(): void {
    this.loop = this.run();
  }

  /** Starts nothing more; what waits is still served. */
  endStarts(): void {
    this.starting = false;
  }

  /** Serves those too that were left waiting. */
  serveLateOnes(): void {
    this.sendsLate = true;
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.loop;
    await Promise.all(this.asking);
  }

  /** Starts so many runs now. Resolves when each is acknowledged. */
  async startBatch(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.startOne()));
  }

  /** Every start is acknowledged. */
  get isQuiet(): boolean {
    return this.asking.size === 0;
  }

  private async run(): Promise<void> {
    while (!this.ended) {
      await this.look().catch(() => undefined);
      if (this.starting) {
        const missing = this.target - this.underWay - this.asking.size;
        for (let start = 0; start < missing; start++) this.track(this.startOne());
      }
      await delay(LOOK_MS);
    }
  }

  private async startOne(): Promise<void> {
    const { dice } = this;
    const startable = this.plans.filter((plan) => !plan.child);
    const plan = dice.pick(startable);
    const order = { key: this.newKey(), plan, input: { choice: Math.floor(dice.next() * 12) } };
    const early = dice.next() < EARLY_SHARE;
    const cancel =
      dice.next() < CANCELED_SHARE ? { afterMs: dice.next() * 1_500, compensate: dice.next() < 0.8 } : null;
    const run = await this.untilAcknowledged(order);
    if (run === null) return;
    this.counts.starts++;
    if (early) for (const name of ['go', 'stay']) this.sendTwo(run, name);
    if (cancel) {
      await delay(cancel.afterMs);
      if (await this.askAnyone({ command: 'cancel', run, compensate: cancel.compensate })) this.counts.cancels++;
    }
  }

  private newKey(): string {
    const late = this.dice.next() < LATE_SHARE && this.starting;
    return `${late ? 'late' : 'run'}-${this.counts.starts + this.asking.size}-${Math.floor(this.dice.next() * 1e9)}`;
  }

  /** `null` when the traffic has ended before. */
  private async untilAcknowledged({ key, plan, input }: Order): Promise<string | null> {
    for (let times = 0; !this.ended; times++) {
      if (times > 0) this.counts.repeatedStarts++;
      const slot = this.dice.pick(this.fleet.well);
      try {
        if (slot)
          return await slot.process!.ask({
            command: 'start',
            workflow: plan.workflow,
            version: plan.version,
            input,
            key,
          });
      } catch {
        // Whether it was started is not known: the same key finds out.
      }
      await delay(100);
    }
    return null;
  }

  private async look(): Promise<void> {
    const rows = await this.observer.rows<WaitingRow>(
      `select r.id, r.awaiting
         from durable.run r left join durable.run p on p.id = r.parent_id
        where r.status = 'suspended' and r.awaiting is not null and r.worker_id is null
          and ($1 or not ${IS_KEPT_WAITING}) limit 200`,
      [this.sendsLate],
    );
    const [{ open }] = await this.observer.rows<{ open: number }>(
      `select count(*)::int as open from durable.run
        where status not in ('completed', 'failed', 'canceled', 'compensation_failed') and parent_id is null
          and idempotency_key not like 'late-%'`,
    );
    this.underWay = open;
    for (const { id, awaiting } of rows) {
      const name = this.dice.pick(awaiting);
      if (name.startsWith('resume:')) this.resume(id, name);
      else this.send(id, name);
    }
  }

  private sendTwo(run: string, name: string): void {
    this.send(run, name);
    this.send(run, name, true);
  }

  private send(run: string, name: string, atOnce = false): void {
    const count = this.next(run, name, atOnce);
    if (count === null) return;
    const id = `${name}:${count}`;
    const payload = { run, id };
    this.counts.signals++;
    this.track(this.askAnyone({ command: 'signal', run, name, payload, id }).then(() => undefined));
  }

  private resume(run: string, name: string): void {
    if (this.next(run, name, false) === null) return;
    this.counts.resumptions++;
    this.track(this.askAnyone({ command: 'resume', run, data: { name } }).then(() => undefined));
  }

  private next(run: string, name: string, atOnce: boolean): number | null {
    const key = `${run}:${name}`;
    const sent = this.sent.get(key) ?? { count: 0, at: -Infinity };
    if (!atOnce && performance.now() - sent.at < SEND_AGAIN_MS) return null;
    this.sent.set(key, { count: sent.count + 1, at: performance.now() });
    return sent.count + 1;
  }

  /** Once, through whoever lives. What came of it is not known when that one ends. */
  private async askAnyone(command: Command): Promise<boolean> {
    const slot = this.dice.pick(this.fleet.well);
    if (!slot) return false;
    return slot.process!.ask(command).then(
      () => true,
      () => false,
    );
  }

  private track(work: Promise<void>): void {
    const tracked = work.finally(() => this.asking.delete(tracked));
    this.asking.add(tracked);
  }
}

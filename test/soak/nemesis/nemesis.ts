import { setTimeout as delay } from 'node:timers/promises';
import type { RestartablePostgres } from '../../support/restartable-postgres.js';
import type { Observer } from '../audit/observer.js';
import type { Fleet, Slot } from '../fleet/fleet.js';
import { APPLICATION_POOL } from '../fleet/soak-settings.js';
import type { OutsideLedger } from '../ledger/outside-ledger.js';
import type { Fault, TimedFault } from './fault-plan.js';

/** A trap that nobody walked into, and a cut that nothing came by. */
const PATIENCE_MS = 8_000;

const KILL_BACKENDS = `
select count(pg_terminate_backend(pid))::int as hit
  from (select pid from pg_stat_activity
         where datname = current_database() and (application_name like 'nest-durable:%' or application_name = $1)
         order by random() limit $2) chosen`;

export interface Targets {
  readonly fleet: Fleet;
  readonly server: RestartablePostgres;
  readonly observer: Observer;
  readonly ledger: OutsideLedger;
  /** Where the second code version runs, while it does. */
  readonly guest: Slot;
}

/** Does to processes, server and network what a plan says, each at its time, and counts what it did. */
export class Nemesis {
  /** What was done and took effect, by kind. */
  readonly counts: Record<string, number> = {};
  /** When the server was away. */
  readonly outages: { readonly from: Date; readonly to: Date }[] = [];
  private readonly ending = new AbortController();
  private readonly doing = new Set<Promise<void>>();
  private restarting: Promise<void> = Promise.resolve();

  constructor(private readonly targets: Targets) {}

  /** Resolves when every fault has been done and taken back. */
  async carryOut(plan: readonly TimedFault[]): Promise<void> {
    const began = performance.now();
    for (const { at, ...fault } of plan) {
      const { signal } = this.ending;
      await delay(Math.max(0, began + at - performance.now()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      this.begin(fault);
    }
    await this.calm();
  }

  /** Leaves out what has not begun yet. */
  endEarly(): void {
    this.ending.abort();
  }

  begin(fault: Fault): void {
    const work = this.inflict(fault)
      .then((hits) => this.count(nameOf(fault), hits))
      .catch(() => undefined)
      .finally(() => this.doing.delete(work));
    this.doing.add(work);
  }

  /** Resolves when nothing is under way any more. */
  async calm(): Promise<void> {
    while (this.doing.size > 0) await Promise.all(this.doing);
    await this.restarting;
  }

  private count(kind: string, hits: number): void {
    if (hits > 0) this.counts[kind] = (this.counts[kind] ?? 0) + hits;
  }

  /** Resolves with how often it took effect. */
  private async inflict(fault: Fault): Promise<number> {
    switch (fault.kind) {
      case 'kill':
        return this.kill(this.victim(fault.slot, 'mortal'));
      case 'trap':
        return this.trap(this.victim(fault.slot, 'mortal'), fault);
      case 'stop':
        return this.stop(this.victim(fault.slot), fault.ms);
      case 'term':
        return this.term(this.victim(fault.slot, 'mortal'));
      case 'restart':
        return this.restart(fault.mode, fault.downMs);
      case 'kill-backends':
        return (await this.targets.observer.rows<{ hit: number }>(KILL_BACKENDS, [APPLICATION_POOL, fault.count]))[0]
          .hit;
      case 'cut':
        return this.cut(this.victim(fault.slot), fault);
      case 'reset':
        return this.victim(fault.slot)?.proxy.reset() ? 1 : 0;
      case 'black-hole':
        return this.forAWhile(fault.ms, this.victim(fault.slot)?.proxy.blackHole());
      case 'partition':
        return this.forAWhile(fault.ms, this.victim(fault.slot)?.proxy.refuse('nest-durable:control'));
      case 'half-open':
        return this.forAWhile(fault.ms, this.victim(fault.slot)?.proxy.halfOpen('nest-durable:control'));
      case 'latency':
        return this.forAWhile(fault.ms, this.victim(fault.slot)?.proxy.slowDown(fault.latencyMs));
      case 'deploy':
        return this.deploy();
    }
  }

  /** A process that nothing is being done to, and that is not the last one. */
  private victim(number: number, kind: 'mortal' | 'any' = 'any'): Slot | null {
    const well = this.targets.fleet.well.filter(({ process }) => !process!.trapped);
    const choice = kind === 'any' ? well : well.filter(({ survivor }) => !survivor);
    return well.length > 1 ? (choice[number % choice.length] ?? null) : null;
  }

  private async kill(slot: Slot | null): Promise<number> {
    const process = slot?.process;
    if (!process) return 0;
    process.signal('SIGKILL');
    this.targets.ledger.write({ event: 'killed', at: Date.now(), pid: process.pid, where: 'anywhere' });
    await process.exited;
    return 1;
  }

  /** One that is not sprung in time is killed where it stands: it would go off when nobody expects it any more. */
  private async trap(slot: Slot | null, { place }: Extract<Fault, { kind: 'trap' }>): Promise<number> {
    const process = slot?.process;
    if (!process) return 0;
    await process.ask({ command: 'trap', place }).catch(() => undefined);
    const sprung = await Promise.race([process.exited.then(() => true), delay(PATIENCE_MS, false)]);
    if (sprung) return 1;
    this.count('kill', await this.kill(slot));
    return 0;
  }

  private async stop(slot: Slot | null, ms: number): Promise<number> {
    const process = slot?.process;
    if (!process) return 0;
    process.signal('SIGSTOP');
    await delay(ms);
    process.signal('SIGCONT');
    return 1;
  }

  private async term(slot: Slot | null): Promise<number> {
    const process = slot?.process;
    if (!process) return 0;
    process.signal('SIGTERM');
    await process.exited;
    return 1;
  }

  /** One restart at a time. */
  private restart(mode: 'fast' | 'immediate', downMs: number): Promise<number> {
    const restarted = this.restarting.then(async () => {
      const from = new Date();
      await this.targets.server.restart(mode, downMs);
      this.outages.push({ from, to: new Date() });
    });
    this.restarting = restarted;
    return restarted.then(() => 1);
  }

  private async cut(slot: Slot | null, { text, moment }: Extract<Fault, { kind: 'cut' }>): Promise<number> {
    if (!slot) return 0;
    const cut = slot.proxy.cutAt(text, moment);
    const happened = await Promise.race([cut.happened, delay(PATIENCE_MS, false)]);
    cut.giveUp();
    return happened ? 1 : 0;
  }

  private async forAWhile(ms: number, takeBack: (() => void) | undefined): Promise<number> {
    if (!takeBack) return 0;
    await delay(ms);
    takeBack();
    return 1;
  }

  /** The second code version joins, or leaves. */
  private async deploy(): Promise<number> {
    const { fleet, guest } = this.targets;
    if (!guest.open) fleet.open(guest);
    else {
      guest.open = false;
      if (guest.process?.isWell) await this.term(guest);
      else if (guest.process) await this.kill(guest);
    }
    return 1;
  }
}

/** Faults of one kind that are counted apart. */
function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'trap':
      return `kill ${fault.place}`;
    case 'restart':
      return fault.downMs > 0 ? 'outage' : `restart ${fault.mode}`;
    case 'cut':
      return `cut ${fault.moment} ${fault.text.startsWith('COMMIT') ? 'commit' : 'checkpoint'}`;
    default:
      return fault.kind;
  }
}

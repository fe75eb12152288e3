import { setTimeout as delay } from 'node:timers/promises';
import { FaultProxy } from '../../support/fault-proxy/fault-proxy.js';
import type { CodeVersion, PlanSpec } from '../workload/plan-spec.js';
import { WorkerProcess } from './worker-process.js';

/** Before a process that ended is started again, as process managers do. */
const RESTART_MS = 150;

/** A place for one process after the other, with its own way to the database. */
export interface Slot {
  readonly name: string;
  readonly proxy: FaultProxy;
  code: CodeVersion;
  /** Kept running; a slot that is closed starts nothing. */
  open: boolean;
  /** Lives through everything: nobody ends its process. */
  readonly survivor: boolean;
  process: WorkerProcess | null;
}

export interface FleetSettings {
  readonly url: string;
  readonly ledger: string;
  readonly plans: readonly PlanSpec[];
}

/** The worker processes: started again whenever one has ended, and watched for ends that nobody caused. */
export class Fleet {
  readonly slots: Slot[] = [];
  readonly unexpectedEnds: { name: string; how: string }[] = [];
  readonly counts = { started: 0, orderlyStops: 0, failedStarts: 0 };
  private readonly kept = new Set<Slot>();
  private stopping = false;

  constructor(private readonly settings: FleetSettings) {}

  async add(name: string, code: CodeVersion, survivor = false): Promise<Slot> {
    const proxy = await FaultProxy.to(this.settings.url);
    const slot: Slot = { name, code, proxy, survivor, open: false, process: null };
    this.slots.push(slot);
    return slot;
  }

  /** Starts the slot's process, and again after every end. */
  open(slot: Slot): void {
    slot.open = true;
    if (this.kept.has(slot)) return;
    this.kept.add(slot);
    void this.keep(slot).finally(() => this.kept.delete(slot));
  }

  /** Executing runs now. */
  get well(): Slot[] {
    return this.slots.filter((slot) => slot.process?.isWell);
  }

  /** Ends every process, and every proxy. */
  async end(): Promise<void> {
    this.stopping = true;
    for (const slot of this.slots) slot.open = false;
    for (const { process } of this.slots) {
      if (process && !process.gone) {
        process.signal('SIGKILL');
        await process.exited;
      }
    }
    for (const { proxy } of this.slots) await proxy.end();
  }

  private async keep(slot: Slot): Promise<void> {
    for (let life = 1; slot.open && !this.stopping; life++) {
      const { ledger, plans } = this.settings;
      this.counts.started++;
      const process = new WorkerProcess(`${slot.name}-${life}`, {
        url: slot.proxy.url,
        ledger,
        plans,
        code: slot.code,
      });
      slot.process = process;
      const wasReady = await process.becameReady;
      const { code, signal } = await process.exited;
      if (this.stopping) return;
      this.judge(process, wasReady, code, signal);
      await delay(RESTART_MS);
    }
    slot.process = null;
    // Opened again at the very end.
    if (slot.open && !this.stopping) await this.keep(slot);
  }

  /** Before it was ready, the database may have been away: that start has failed, and the next one may not. */
  private judge(process: WorkerProcess, wasReady: boolean, code: number | null, signal: NodeJS.Signals | null): void {
    if (process.overdue) {
      this.unexpectedEnds.push({ name: process.name, how: `did not end within a minute of SIGTERM:\n${process.log}` });
      return;
    }
    if (signal === 'SIGKILL' && (process.ending || process.trapped)) return;
    if (code === 0 && process.ending) {
      this.counts.orderlyStops++;
      return;
    }
    if (!wasReady) {
      this.counts.failedStarts++;
      return;
    }
    const how = `ended with ${signal ?? `exit code ${code}`}:\n${process.log}`;
    this.unexpectedEnds.push({ name: process.name, how });
  }
}

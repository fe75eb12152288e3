import type { Clock, TimerHandle } from '../../common/clock.js';
import { SystemClock } from '../../common/clock.js';
import type { Wakeup, WakeupChannel, WakeupListener } from '../contract/wakeup-channel.contract.js';
import type { ControlConnection } from './connection/control-connection.js';
import type { EnginePool } from './connection/engine-pool.js';
import { notify } from './sql/notify.sql.js';
import { quoteIdentifier, schemaTag } from './sql/sql-identifier.js';

/**
 * Wake-ups of a few milliseconds become one NOTIFY: under load that is 20 a second at most, while an idle system waits
 * no longer than a person can see. Longer would show in the latency of cross-process results, shorter in statements.
 */
const COALESCE_MS = 50;
/** How soon a lost LISTEN connection is opened again; polling covers the gap. */
const RECONNECT_MS = 1_000;

/**
 * {@link WakeupChannel} through LISTEN and NOTIFY. The first wake-up of a quiet period leaves at once, later ones are
 * gathered. Everything here is a hint: an error is dropped, because whoever misses a wake-up finds the work by polling.
 */
export class PostgresWakeupChannel implements WakeupChannel {
  private readonly channel: string;
  private readonly listeners = new Set<WakeupListener>();
  private readonly pending = new Map<string, Wakeup>();
  private readonly origin = Math.random().toString(36).slice(2);
  private readonly timers: Clock = new SystemClock();
  private quiet: TimerHandle | null = null;
  private watch: TimerHandle | null = null;
  private closed = false;

  constructor(
    private readonly control: ControlConnection,
    private readonly pool: EnginePool,
    schema: string,
  ) {
    this.channel = `durable_${schemaTag(schema)}`;
    control.onConnect(async (query) => {
      if (this.listeners.size === 0) return;
      await query(`listen ${quoteIdentifier(this.channel)}`, []);
      this.emit({ type: 'reconnected' });
    });
    control.onNotification(({ channel, payload }) => {
      if (channel === this.channel && payload) this.receive(payload);
    });
  }

  notify(wakeup: Wakeup): void {
    if (this.closed) return;
    this.pending.set(JSON.stringify(wakeup), wakeup);
    if (this.quiet === null) this.flush();
  }

  async subscribe(listener: WakeupListener): Promise<() => void> {
    this.listeners.add(listener);
    if (this.listeners.size === 1) await this.listen();
    return () => this.listeners.delete(listener);
  }

  /** What is still gathered is sent first: the last thing that a process does is to hand its runs back. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.quiet?.cancel();
    this.watch?.cancel();
    this.listeners.clear();
    if (this.pending.size > 0) this.flush();
  }

  private async listen(): Promise<void> {
    await this.control.query({ text: `listen ${quoteIdentifier(this.channel)}`, values: [] });
    this.keepListening();
  }

  /** A process without a worker sends nothing else on its control connection, so a lost one would stay lost. */
  private keepListening(): void {
    this.watch = this.timers.after(RECONNECT_MS, () => {
      const probe = this.control.isConnected ? Promise.resolve() : this.control.query({ text: 'select 1', values: [] });
      void probe
        .then(undefined, () => undefined)
        .then(() => {
          if (!this.closed) this.keepListening();
        });
    });
  }

  private flush(): void {
    const payloads = [...this.pending.values()].map((wakeup) => JSON.stringify({ ...wakeup, from: this.origin }));
    this.pending.clear();
    this.pool.query(notify(this.channel, payloads)).catch(() => undefined);
    if (this.closed) return;
    this.quiet = this.timers.after(COALESCE_MS, () => {
      this.quiet = null;
      if (this.pending.size > 0 && !this.closed) this.flush();
    });
  }

  private receive(payload: string): void {
    const wakeup = parse(payload);
    if (wakeup && wakeup.from !== this.origin) this.emit(wakeup);
  }

  private emit(wakeup: Wakeup | { readonly type: 'reconnected' }): void {
    for (const listener of this.listeners) listener(wakeup);
  }
}

/** Anybody may NOTIFY on a channel: what cannot be read is dropped. */
function parse(payload: string): (Wakeup & { readonly from?: string }) | null {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as Wakeup) : null;
  } catch {
    return null;
  }
}

import type { Clock } from '../../common/clock.js';
import {
  UNLOCKED_FOR_MS,
  type SweepResult,
  type WorkerRegistration,
  type WorkerStore,
} from '../contract/worker-store.contract.js';
import type { ControlConnection, PrepareQuery } from './connection/control-connection.js';
import { classify } from './sqlstate.js';
import { settleCursors } from './sql/run-progress.sql.js';
import { buryWorkers, findOrphaners, listSuspects, reclaimOrphans } from './sql/sweep-workers.sql.js';
import { registerWorker, renewWorker, unregisterWorker } from './sql/worker-lease.sql.js';

interface LeaseRow {
  readonly heartbeat_at: Date;
}

interface SuspectRow {
  readonly id: string;
  readonly heartbeat: string;
  readonly expired: boolean;
}

interface OrphanRow {
  readonly id: string;
  readonly queue: string;
}

/** A worker whose lock is free. */
interface Unlocked {
  readonly heartbeat: string;
  /** Monotonic time since which every look found it free. */
  readonly since: number;
}

/**
 * How long a free lock is not taken for a death after our own connection was lost: when the server restarts, every worker
 * needs a moment to take its lock again. Too short takes runs from the living, which costs a second execution of their
 * steps; too long delays the takeover from one that really died in the restart, and its lease ends that in any case.
 */
const RECONNECT_GRACE_MS = 2_000;

/**
 * How long a new connection waits for the lock while the server still ends the one before it: that takes milliseconds,
 * unless the network fell silent. Longer would hold up heartbeats; the next sweep tries again.
 */
const LOCK_WAIT_MS = 500;

/**
 * {@link WorkerStore} on PostgreSQL, all of it on the control connection: a full queue of checkpoints or an exhausted
 * pool cannot delay a heartbeat.
 *
 * The advisory lock is a session's: it is taken again by each new connection of this process before anything else runs
 * on it, and the server frees it when the process dies. The session holds no other advisory lock.
 */
export class PostgresWorkerStore implements WorkerStore {
  /** Workers whose lock was free in the previous sweep. */
  private unlocked = new Map<string, Unlocked>();
  private lockKey: string | null = null;
  /** Whether the present session holds the lock: the server may not have ended the session before it yet. */
  private locked = false;
  /** Monotonic time until which a free lock says nothing. */
  private trustLocksFrom = 0;
  private proven = -Infinity;
  /** Whether the present session has held the lock since before the latest heartbeat: else the worker may be buried already. */
  private unbroken = false;

  constructor(
    private readonly control: ControlConnection,
    private readonly schema: string,
    private readonly clock: Clock,
  ) {
    control.onConnect(async (query) => {
      this.locked = false;
      this.unbroken = false;
      if (this.lockKey === null) return;
      this.locked = await waitForLock(query, this.lockKey);
      // This connection replaces one that was lost, with the server perhaps, and then with everybody's locks.
      this.trustLocksFrom = this.clock.monotonic() + RECONNECT_GRACE_MS;
    });
  }

  get provenAt(): number {
    return this.proven;
  }

  async register(worker: WorkerRegistration): Promise<Date> {
    await this.releaseLock();
    const sentAt = this.clock.monotonic();
    this.lockKey = advisoryKey(worker.id);
    await this.takeLock();
    const { rows } = await this.control.query<LeaseRow>(
      registerWorker(this.schema, worker, this.lockKey, this.clock.fixed()),
    );
    this.heard(sentAt);
    return rows[0].heartbeat_at;
  }

  async renew(worker: string, leaseMs: number): Promise<Date | null> {
    const sentAt = this.clock.monotonic();
    const { rows } = await this.control.query<LeaseRow>(renewWorker(this.schema, worker, leaseMs, this.clock.fixed()));
    // The heartbeat has changed: whoever found the lock free before that begins anew.
    if (rows.length > 0) this.heard(sentAt);
    return rows[0]?.heartbeat_at ?? null;
  }

  async unregister(worker: string): Promise<number> {
    return this.control.transaction(async (query) => {
      const { rows } = await query<{ runs: string[] }>(unregisterWorker(this.schema, worker, this.clock.fixed()));
      const [{ runs }] = rows;
      if (runs.length > 0) await query(settleCursors(this.schema, runs));
      return runs.length;
    });
  }

  async sweep({ immediate = false }: { readonly immediate?: boolean } = {}): Promise<SweepResult> {
    await this.takeLock();
    const sentAt = this.clock.monotonic();
    const { rows } = await this.control.query<SuspectRow>(listSuspects(this.schema, this.clock.fixed()));
    if (this.unbroken) this.proven = sentAt;
    const dead = rows.filter((row) => row.expired || immediate || this.isUnlockedFor(row, sentAt));
    this.unlocked = this.stillUnlocked(rows);
    const deadWorkers = await this.bury(dead);
    const orphans = await this.reclaim();
    return { runs: orphans.length, deadWorkers, queues: [...new Set(orphans.map((row) => row.queue))] };
  }

  /** The worker's row was written by a request that was sent then. */
  private heard(sentAt: number): void {
    this.proven = sentAt;
    this.unbroken = this.locked;
  }

  /** Whether the lock was free for long enough when a look was sent, and its owner silent. */
  private isUnlockedFor({ id, heartbeat }: SuspectRow, sentAt: number): boolean {
    const before = this.unlocked.get(id);
    if (before?.heartbeat !== heartbeat || sentAt < this.trustLocksFrom) return false;
    return sentAt - before.since >= UNLOCKED_FOR_MS;
  }

  private stillUnlocked(rows: readonly SuspectRow[]): Map<string, Unlocked> {
    const now = this.clock.monotonic();
    return new Map(
      rows.map(({ id, heartbeat }) => {
        const before = this.unlocked.get(id);
        return [id, { heartbeat, since: before?.heartbeat === heartbeat ? before.since : now }];
      }),
    );
  }

  /** Mostly there is nothing to reclaim, and a look says so. */
  private async reclaim(): Promise<readonly OrphanRow[]> {
    const { rows: looks } = await this.control.query<{ found: boolean }>(findOrphaners(this.schema));
    if (!looks[0].found) return [];
    return this.control.transaction(async (query) => {
      const { rows } = await query<OrphanRow>(reclaimOrphans(this.schema, this.clock.fixed()));
      const runs = rows.map(({ id }) => id);
      if (runs.length > 0) await query(settleCursors(this.schema, runs));
      return rows;
    });
  }

  private async bury(dead: readonly SuspectRow[]): Promise<readonly string[]> {
    if (dead.length === 0) return [];
    const { rows } = await this.control.query<{ id: string }>(
      buryWorkers(
        this.schema,
        dead.map((row) => row.id),
        dead.map((row) => row.heartbeat),
      ),
    );
    return rows.map((row) => row.id);
  }

  /** A connection that is opened for this very statement takes the lock itself; having it twice changes nothing. */
  private async takeLock(): Promise<void> {
    if (this.lockKey === null || this.locked) return;
    const text = 'select pg_try_advisory_lock($1::bigint) as locked';
    const { rows } = await this.control.query<{ locked: boolean }>({ text, values: [this.lockKey] });
    this.locked ||= rows[0].locked;
  }

  private async releaseLock(): Promise<void> {
    if (this.lockKey === null) return;
    this.lockKey = null;
    this.locked = false;
    this.unbroken = false;
    await this.control.query({ text: 'select pg_advisory_unlock_all()', values: [] });
  }
}

async function waitForLock(query: PrepareQuery, key: string): Promise<boolean> {
  await query(`set lock_timeout = ${LOCK_WAIT_MS}`, []);
  const held = await query('select pg_advisory_lock($1::bigint)', [key]).then(
    () => true,
    (error: unknown) => {
      if (classify(error) === 'conflict') return false;
      throw error;
    },
  );
  await query('set lock_timeout = 0', []);
  return held;
}

/** The last 62 random bits of a UUIDv7, as the decimal text of a positive bigint. */
export function advisoryKey(workerId: string): string {
  const hex = workerId.replaceAll('-', '').slice(16);
  return (BigInt(`0x${hex}`) & 0x3fff_ffff_ffff_ffffn).toString();
}

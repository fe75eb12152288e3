import { hostname } from 'node:os';
import type { Awaitable } from '../../common/awaitable.js';
import type { Clock, TimerHandle } from '../../common/clock.js';
import { newId } from '../../common/ids.js';
import { UNLOCKED_FOR_MS, type WorkerStore } from '../../storage/contract/worker-store.contract.js';
import { Standstill } from './standstill.js';

export interface LeaseKeeperOptions {
  readonly name: string;
  readonly queue: string;
  readonly slots: number;
  readonly leaseMs: number;
  readonly workflows: () => readonly string[];
  /** The lease is gone: whatever this worker holds belongs to others from now on. */
  readonly onLapsed: (workerId: string, reason: string) => void;
  /** A new lease is held, under a new id. */
  readonly onHeld: (workerId: string) => void;
  /** The database's time, answered to a request that was sent at `sentAt` by the monotonic clock. */
  readonly onTime: (now: Date, sentAt: number) => void;
  readonly onError: (error: unknown) => void;
}

/** Renewals in one lease: two may fail before the third has to succeed. */
const RENEWALS_PER_LEASE = 3;
/**
 * The worker gives up this part of the lease before it ends, so that its steps are told to stop while nobody else can
 * have been given their runs yet. A tenth covers timers that fire late on a busy machine.
 */
const SAFETY_MARGIN = 0.1;
/**
 * A process that stood still for no longer hears that its connection, and its lock with it, was lost before others may
 * take it for dead.
 */
const STANDSTILL_MS = UNLOCKED_FOR_MS / 2;
/** Pause before a failed renewal or registration is tried again. */
const RETRY_MS = 250;

/**
 * Keeps one worker's lease.
 *
 * States: idle → held (a row in the database carries the lease) → lapsed (it could not be renewed in time, or somebody
 * declared the worker dead) → held again under a new id … → stopped. The id changes with every lease, so that nothing an
 * earlier one still does can pass for the present one.
 */
export class LeaseKeeper {
  private id: string | null = null;
  private stopped = false;
  private rounds: TimerHandle | null = null;
  private watch: TimerHandle | null = null;
  /** Monotonic time at which the lease has to be given up. */
  private deadline = 0;
  private retry: TimerHandle | null = null;
  private renewing: Promise<void> | null = null;
  /** Monotonic time of the latest answer to a renewal that this process was awake for, from the question on. */
  private heardAt = -Infinity;

  constructor(
    private readonly store: WorkerStore,
    private readonly clock: Clock,
    private readonly options: LeaseKeeperOptions,
  ) {}

  /** The id under which runs may be taken now, or `null` while no lease is held. */
  get workerId(): string | null {
    return this.id;
  }

  /** Milliseconds until the lease is given up if nothing renews it; 0 while none is held. */
  get leftMs(): number {
    return this.id === null ? 0 : Math.max(0, this.deadline - this.clock.monotonic());
  }

  async start(): Promise<void> {
    await this.register();
    const { leaseMs } = this.options;
    this.rounds = this.clock.every(leaseMs / RENEWALS_PER_LEASE, () => void this.renew());
    // A watch rather than a timer at the deadline: after a stall of the process it is simply late, like everything else.
    this.watch = this.clock.every((leaseMs * SAFETY_MARGIN) / 2, () => this.check());
  }

  /** Renews now. Failures are reported and tried again until the lease is about to end. */
  renew(): Promise<void> {
    this.renewing ??= this.renewOnce().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /**
   * Gives the lease up if it is about to end. For those who begin something under it: a process that stood still may hear
   * the answers that came meanwhile before its timers fire. A test clock leaps, and whoever drives it renews after that.
   */
  check(): void {
    if (this.clock.fixed() !== null) return;
    if (this.id !== null && this.clock.monotonic() >= this.deadline) this.lapse('it could not renew its lease in time');
  }

  /**
   * For those who begin what cannot be taken back: the monotonic time at which the worker certainly had its runs still, or had
   * given them up. It has to be waited for when neither is certain: the worker stood still, or lost its connection and with it its
   * lock, and others may have taken it for dead although its lease has not ended.
   *
   * The time is read before the look, and not by whoever is told: the process may stand still in between, and of many that wait
   * for one answer the last is told when all others have begun.
   */
  confirm(): Awaitable<number> {
    const now = this.clock.monotonic();
    this.check();
    return this.isCertainAt(now) ? now : this.untilCertain(now);
  }

  private isCertainAt(now: number): boolean {
    if (this.id === null || this.stopped || this.clock.fixed() !== null) return true;
    return now < this.store.provenAt + UNLOCKED_FOR_MS;
  }

  /**
   * An answer is enough however late it came, as a database that is slower than the proof lasts would let nothing begin;
   * unless it was late because this process stood still, and did not hear what became of its connection since.
   */
  private async untilCertain(asked: number): Promise<number> {
    for (;;) {
      const before = this.store.provenAt;
      await this.renew();
      const now = this.clock.monotonic();
      this.check();
      // A renewal that was under way already may have been answered while this process stood still.
      const heard = this.store.provenAt >= asked && now - this.heardAt <= STANDSTILL_MS;
      if (this.isCertainAt(now) || heard) return now;
      if (this.store.provenAt === before) await this.pause();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.clock.after(RETRY_MS, resolve));
  }

  /** Ends the lease without giving anything back; the caller has done so. */
  stop(): void {
    this.stopped = true;
    this.id = null;
    for (const timer of [this.rounds, this.watch, this.retry]) timer?.cancel();
  }

  private async register(): Promise<void> {
    const id = newId();
    const { name, queue, slots, leaseMs, workflows } = this.options;
    const began = this.clock.monotonic();
    const now = await this.store.register({
      id,
      name,
      queue,
      host: hostname(),
      pid: process.pid,
      workflows: workflows(),
      slots,
      leaseMs,
    });
    if (this.stopped) return;
    // Answered so late that others may have found the lease ended: their sweep takes the row.
    if (this.clock.monotonic() >= this.deadlineFrom(began)) return this.retrySoon();
    this.id = id;
    this.extend(began, now);
    this.options.onHeld(id);
  }

  private async renewOnce(): Promise<void> {
    if (this.stopped) return;
    const id = this.id;
    const began = this.clock.monotonic();
    const standstill = new Standstill(this.clock, STANDSTILL_MS);
    try {
      if (id === null) return await this.register();
      const held = await this.store.renew(id, this.options.leaseMs);
      if (!standstill.end()) this.heardAt = this.clock.monotonic();
      if (this.stopped || this.id !== id) return;
      if (held) this.extend(began, held);
      else this.lapse('another worker declared it dead');
    } catch (error) {
      this.options.onError(error);
      this.retrySoon();
    } finally {
      standstill.end();
    }
  }

  /** Counted from before the request: the database cannot have started the lease any earlier. */
  private extend(began: number, now: Date): void {
    this.options.onTime(now, began);
    this.deadline = this.deadlineFrom(began);
    this.check();
  }

  private deadlineFrom(began: number): number {
    return began + this.options.leaseMs * (1 - SAFETY_MARGIN);
  }

  private lapse(reason: string): void {
    const id = this.id;
    if (id === null || this.stopped) return;
    this.id = null;
    this.options.onLapsed(id, reason);
    this.retrySoon();
  }

  private retrySoon(): void {
    if (this.stopped) return;
    this.retry?.cancel();
    this.retry = this.clock.after(RETRY_MS, () => void this.renew());
  }
}

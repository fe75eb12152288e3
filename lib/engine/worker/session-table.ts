import type { RunSession } from '../execution/run-session.js';

/**
 * The runs that this worker holds, and the slots that they take. A slot is reserved before a run is claimed or started,
 * so that no more runs are taken than can be executed.
 */
export class SessionTable {
  private readonly sessions = new Map<string, RunSession>();
  private readonly reserved = new Set<string>();
  /** Slots of a claim that is in flight. */
  private claiming = 0;
  private waiters: (() => void)[] = [];

  constructor(readonly capacity: number) {}

  get free(): number {
    return this.capacity - this.sessions.size - this.reserved.size - this.claiming;
  }

  /**
   * Slots that one claim may take: at most half of all, so that what is started here while a claim is under way finds a slot of
   * its own, and begins at once. A worker with more to claim does so twice.
   */
  get claimable(): number {
    return Math.min(this.free, Math.ceil(this.capacity / 2));
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Keeps slots for what a claim may bring: a run that is started meanwhile must not take them. */
  async whileClaiming<T>(slots: number, claim: () => Promise<T>): Promise<T> {
    this.claiming += slots;
    try {
      return await claim();
    } finally {
      this.claiming -= slots;
    }
  }

  tryReserve(runId: string): boolean {
    if (this.free <= 0) return false;
    this.reserved.add(runId);
    return true;
  }

  release(runId: string): void {
    this.reserved.delete(runId);
    this.settle();
  }

  /** Every run that is held here, or may be in a moment. */
  ids(): string[] {
    return [...this.sessions.keys(), ...this.reserved];
  }

  /** Whether it is one of {@link ids}. */
  holds(runId: string): boolean {
    return this.sessions.has(runId) || this.reserved.has(runId);
  }

  get(runId: string): RunSession | undefined {
    return this.sessions.get(runId);
  }

  add(session: RunSession): void {
    this.sessions.set(session.id, session);
  }

  /** A run that was lost and claimed again has two sessions for a moment; only its own is removed. */
  remove(session: RunSession): void {
    if (this.sessions.get(session.id) === session) this.sessions.delete(session.id);
    this.settle();
  }

  some(predicate: (session: RunSession) => boolean): boolean {
    for (const session of this.sessions.values()) if (predicate(session)) return true;
    return false;
  }

  all(): RunSession[] {
    return [...this.sessions.values()];
  }

  /** Resolves when no run is held and no slot is reserved. */
  async empty(): Promise<void> {
    if (this.isEmpty) return;
    await new Promise<void>((resolve) => this.waiters.push(resolve));
  }

  private get isEmpty(): boolean {
    return this.sessions.size === 0 && this.reserved.size === 0;
  }

  private settle(): void {
    if (!this.isEmpty) return;
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}

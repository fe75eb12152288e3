import type { Clock } from '../../common/clock.js';
import type { DatabaseTime } from '../../common/database-time.js';
import type { WorkflowRegistry } from '../../definition/workflow.registry.js';
import type { ClaimedRun, NewRun, StartOutcome } from '../../storage/contract/records.js';
import type { ClaimRequest, ClaimResult, RunStore } from '../../storage/contract/run-store.contract.js';
import { freshRun } from './fresh-run.js';
import type { PausedWorkflows } from './paused-workflows.js';
import type { SessionTable } from './session-table.js';

export interface RunIntakeParts {
  readonly store: RunStore;
  readonly registry: WorkflowRegistry;
  readonly sessions: SessionTable;
  readonly paused: PausedWorkflows;
  readonly queue: string;
  /** Deliveries that a run may have without progress. */
  readonly maxDeliveries: number;
  readonly clock: Clock;
  readonly time: DatabaseTime;
  /** The id of the present lease, or `null`. */
  readonly workerId: () => string | null;
  readonly hold: (run: ClaimedRun, startedHere: boolean) => void;
  /** Runs of the queue became due again. */
  readonly onReturned: () => void;
  /** More may be taken here again. */
  readonly onFree: () => void;
}

/** How long a statement whose answer was lost may still be on its way: what the server allows one, and some. */
const DOUBT_MS = 20_000;

/**
 * The last deliveries of a run, which are begun with no other such run beside it. A run that kills its worker takes down
 * everything that is executed there, and all of it would reach its last delivery together with the culprit. Earlier ones
 * go to all at once, so that the runs of a worker that was killed from outside go on without delay; the second always does.
 */
const ISOLATED = 3;
const NEVER_ISOLATED = 2;
/**
 * How long it is alone at its last delivery, unless it makes progress before, and the share of it at each one before that.
 * What kills its worker does so soon as a rule; with longer times, many runs of long steps, whose workers were killed from
 * outside again and again, would wait for each other for minutes. The last time must not be short: there is no other.
 */
const ISOLATION_MS = 10_000;
const ISOLATION_SHARE = 1 / 4;
/**
 * How long nothing at all is begun beside a run at its last delivery, unless it makes progress before. A killer that has made
 * progress since stands behind the runs that it took down, is suspected of nothing, and would end the last delivery of each of
 * them. Longer would hold up everything behind many such runs of long steps.
 */
const QUARANTINE_MS = 2_500;

/**
 * How long such a run stays alone after it made progress. A killer seldom kills in its first step only because it was killed
 * there itself before: what it does next may end the last delivery of whoever is begun the moment it is cleared. Longer would
 * hold up what stands behind many innocent runs.
 */
const CLEARED_MS = 250;

/**
 * The two ways in which a run comes to this worker: it is claimed, or started here under a reservation and inserted
 * already claimed.
 *
 * When an answer of the database is lost, runs may be held under this lease that nobody here knows of. Nobody else would
 * take them while the worker lives, so they are given back before the next claims.
 */
export class RunIntake {
  private doubtUntil: number | null = null;
  private closed = false;
  private handingBack = false;
  /** Runs that were reserved before a quarantine are on their way back. */
  private returning: Promise<void> | null = null;
  /** The run beside which nothing is begun, and until when by the monotonic clock. */
  private quarantine: { readonly runId: string; readonly until: number; readonly cleared: boolean } | null = null;

  constructor(private readonly parts: RunIntakeParts) {}

  /** How many runs may be claimed now. */
  get claimable(): number {
    const { sessions, workerId } = this.parts;
    return workerId() === null || this.isQuarantined ? 0 : sessions.claimable;
  }

  /** Takes up to `limit` due runs and begins them; `null` while no lease is held. */
  claim(limit: number): Promise<ClaimResult | null> {
    return this.parts.sessions.whileClaiming(limit, () => this.claimUpTo(limit));
  }

  /** Reserves a slot for a run that this process is about to start; the id to start it under, or `null`. */
  reserve(run: Pick<NewRun, 'id' | 'workflow' | 'version' | 'queue'>): string | null {
    const { sessions, registry, queue, workerId } = this.parts;
    const worker = workerId();
    if (worker === null || this.closed || run.queue !== queue) return null;
    // What is begun while strays are handed back would be taken for one of them.
    if (this.handingBack || this.isQuarantined) return null;
    if (!registry.has(run.workflow, run.version) || !sessions.tryReserve(run.id)) return null;
    return worker;
  }

  /** Begins a run that was inserted under a reservation, or gives the slot up when it was not. */
  settleReservation(run: NewRun, outcome: StartOutcome | undefined): void {
    if (!outcome) this.doubt();
    // The lease may have lapsed during the insert: the sweep then finds the run, as it finds all of that lease.
    const ours = outcome?.created === true && outcome.status === 'running' && run.worker === this.parts.workerId();
    const { sessions, hold } = this.parts;
    // A claim may have brought it already, when the answer to a first try was lost.
    const begins = ours && !sessions.get(run.id);
    const waits = begins && this.isQuarantined;
    if (begins && !waits) hold(freshRun(run), true);
    sessions.release(run.id);
    if (waits) this.handBackReserved();
  }

  /** Reserved before a quarantine began, during which no claim is made: it is taken after that, or elsewhere before. */
  private handBackReserved(): void {
    const worker = this.parts.workerId();
    if (worker === null || this.returning) return;
    this.returning = Promise.resolve()
      .then(() => this.handBackOthers(worker))
      .then((left) => left > 0 && this.doubt())
      .catch(() => this.doubt())
      .then(() => {
        this.returning = null;
      });
  }

  /** The database may hold a run under this lease that is not executed here. */
  doubt(): void {
    this.doubtUntil = performance.now() + DOUBT_MS;
  }

  /** Whether the run, as claimed, may be what killed its earlier workers. */
  isSuspect({ deliveries }: { readonly deliveries: number }): boolean {
    return deliveries > this.harmlessDeliveries;
  }

  /** The run, which was claimed as a suspect, has made progress. */
  cleared(runId: string): void {
    const { quarantine } = this;
    if (quarantine?.runId !== runId) return;
    const until = Math.min(quarantine.until, this.parts.clock.monotonic() + CLEARED_MS);
    this.quarantineUntil(until, runId, true);
  }

  /** No more reservations are made. */
  close(): void {
    this.closed = true;
  }

  /** Where few deliveries are allowed, even the second may be the last, and is made in isolation. */
  private get harmlessDeliveries(): number {
    const { maxDeliveries } = this.parts;
    return Math.max(1, Math.min(NEVER_ISOLATED, maxDeliveries - 1), maxDeliveries - ISOLATED);
  }

  /** Whether a run that was claimed as a suspect is still to be alone. */
  private isAlone({ deliveries, beganAt }: { readonly deliveries: number; readonly beganAt: number }): boolean {
    const left = Math.max(0, this.parts.maxDeliveries - deliveries);
    return this.parts.clock.monotonic() - beganAt < ISOLATION_MS * ISOLATION_SHARE ** left;
  }

  /** Nothing else is to begin for a while. */
  get isQuarantined(): boolean {
    if (this.quarantine === null) return false;
    const { sessions, clock, maxDeliveries } = this.parts;
    const { runId, until, cleared } = this.quarantine;
    const session = sessions.get(runId);
    const stands = session !== undefined && (cleared || session.deliveries === maxDeliveries);
    const lasts = stands && clock.monotonic() < until;
    if (!lasts) this.quarantine = null;
    return lasts;
  }

  /** Has nothing else begin for a while if one of these is at its last delivery, which is more than the only one. */
  private isolate(runs: readonly ClaimedRun[]): void {
    const { maxDeliveries, clock } = this.parts;
    const last = maxDeliveries > 1 && runs.find(({ deliveries }) => deliveries === maxDeliveries);
    if (last) this.quarantineUntil(clock.monotonic() + QUARANTINE_MS, last.id, false);
  }

  private quarantineUntil(until: number, runId: string, cleared: boolean): void {
    const { clock, onFree } = this.parts;
    const quarantine = { runId, until, cleared };
    this.quarantine = quarantine;
    clock.after(Math.max(0, until - clock.monotonic()), () => {
      if (this.quarantine === quarantine) this.quarantine = null;
      onFree();
    });
  }

  private suspects(): ClaimRequest['suspects'] {
    const { sessions, maxDeliveries } = this.parts;
    const busy = sessions.some((session) => this.isSuspect(session) && this.isAlone(session));
    const fromDeliveries = this.harmlessDeliveries;
    return { fromDeliveries, limit: busy ? 0 : 1, aloneAtDeliveries: maxDeliveries - 1 };
  }

  private async claimUpTo(limit: number): Promise<ClaimResult | null> {
    const { store, queue, registry, workerId, hold, clock, time } = this.parts;
    const worker = workerId();
    if (worker === null) return null;
    await this.handBackStrays(worker);
    const sentAt = clock.monotonic();
    try {
      const result = await store.claim({ worker, queue, workflows: registry.all(), limit, suspects: this.suspects() });
      time.learn(result.now, sentAt);
      await this.unlearnPauses(result.runs);
      if (worker === workerId()) {
        for (const run of result.runs) hold(run, false);
        this.isolate(result.runs);
      }
      return result;
    } catch (error) {
      this.doubt();
      throw error;
    }
  }

  /** The claim knows which workflows are paused. Who still believes otherwise would hand these runs back, again and again. */
  private async unlearnPauses(runs: readonly ClaimedRun[]): Promise<void> {
    const { paused } = this.parts;
    if (runs.some(({ workflow, version }) => paused.has({ name: workflow, version }))) await paused.look();
  }

  /** Before a claim rather than beside it, where it would take new runs for strays. */
  private async handBackStrays(worker: string): Promise<void> {
    await this.returning;
    const { doubtUntil } = this;
    if (doubtUntil === null) return;
    const left = await this.handBackOthers(worker);
    if (left === 0 && performance.now() >= doubtUntil && this.doubtUntil === doubtUntil) this.doubtUntil = null;
  }

  private async handBackOthers(worker: string): Promise<number> {
    this.handingBack = true;
    try {
      const { runs, left } = await this.parts.store.handBackOthers(worker, this.parts.sessions.ids());
      if (runs > 0) this.parts.onReturned();
      return left;
    } finally {
      this.handingBack = false;
    }
  }
}

import type { Clock } from '../../common/clock.js';
import type { DurableWorkflow } from '../../definition/durable-workflow.js';
import type { RunStatus } from '../../definition/run-state.js';
import { RunResults } from '../../definition/run-results.js';
import type {
  CancelRequest,
  CheckpointOutcome,
  ClaimedRun,
  Due,
  FailedAttempt,
  HolderNews,
  JournalEntry,
  StoredError,
  UnitFailures,
} from '../../storage/contract/records.js';
import type { AttemptControl } from './attempt-control.js';

/** What is known of the failed attempts of a unit. */
export interface KnownFailures extends Omit<UnitFailures, 'agoMs'> {
  /** Monotonic time of the last one. */
  readonly failedAt: number;
}

/**
 * A run that this worker holds: its row, its journal and the attempts in progress, in memory.
 *
 * States: held → let go (parked, handed back or ended), or lost (another claim raised the epoch, or the lease ran out).
 * Once it is not held any more, nothing of it is written, and the abort signals of its attempts have fired.
 */
export class RunSession {
  readonly id: string;
  readonly epoch: number;
  /** A worker has taken the run before. */
  readonly begun: boolean;
  /** The plan that the run is executed by; until it is admitted, the one that it was executed by. */
  planHash: string;
  readonly input: string;
  readonly parentId: string | null;
  readonly trace: string | null;
  status: RunStatus;
  cursor: number;
  wakeups: number;
  cancel: CancelRequest | null;
  /** An operator wants it to be let go between two units. */
  paused = false;
  deliveries: number;
  /** Called when the run makes progress after deliveries that made none. */
  onCleared: (() => void) | null = null;
  /** Called when the run is lost, or a cancel of it is heard of. */
  onInterrupted: ((session: RunSession) => void) | null = null;
  /** Monotonic time of the claim. */
  readonly beganAt: number;
  error: StoredError | null;
  /** When the parked run is due, once it has been let go. */
  due: Due = null;
  /** Monotonic time at which the run's own timeout ends. */
  readonly deadline: number | null;

  // Thousands of sessions are held at a time, and many of them have none of these.
  private entries: Map<string, JournalEntry> | null = null;
  private failures: Map<string, KnownFailures> | null = null;
  private progress: Map<string, string> | null = null;
  private gathered: RunResults | null = null;
  private readonly redone: ReadonlyMap<string, number>;
  /** The attempt in progress, and what is attempted beside it. */
  private attempt: AttemptControl | null = null;
  private besides: Set<AttemptControl> | null = null;
  private lossReason: Error | null = null;
  private positions: number;

  constructor(
    run: ClaimedRun,
    readonly workflow: DurableWorkflow,
    private readonly clock: Clock,
  ) {
    this.id = run.id;
    this.epoch = run.epoch;
    this.begun = run.begun;
    this.planHash = run.planHash;
    this.input = run.input;
    this.parentId = run.parentId;
    this.trace = run.trace;
    this.status = run.status;
    this.cursor = run.cursor;
    this.wakeups = run.wakeups;
    this.cancel = run.cancel;
    this.deliveries = run.deliveries;
    this.error = run.error;
    const now = clock.monotonic();
    this.beganAt = now;
    this.deadline = run.deadlineInMs === null ? null : now + run.deadlineInMs;
    for (const entry of run.journal) this.keep(entry);
    for (const [key, { agoMs, ...known }] of run.failures) this.fail(key, { ...known, failedAt: now - agoMs });
    for (const [key, value] of run.progress) this.setProgress(key, value);
    this.redone = run.redone;
    this.positions = run.journal.reduce((next, entry) => Math.max(next, entry.position + 1), 0);
  }

  /** Why nothing may be written for the run any more, or `null` while it is held. */
  get lost(): Error | null {
    return this.lossReason;
  }

  /** @throws the reason when the run is not held any more. */
  assertHeld(): void {
    if (this.lossReason) throw this.lossReason;
  }

  entry(key: string): JournalEntry | undefined {
    return this.entries?.get(key);
  }

  journal(): Iterable<JournalEntry> {
    return this.entries?.values() ?? [];
  }

  /** Gathered from the journal when they are first asked for, and kept up to date from then on. */
  get results(): RunResults {
    return (this.gathered ??= RunResults.of(this.journal()));
  }

  /** The place of the next journal row in the order of completion. */
  nextPosition(): number {
    return this.positions++;
  }

  failuresOf(key: string): KnownFailures | undefined {
    return this.failures?.get(key);
  }

  /** How often an operator has taken up again what this undo had undone. */
  timesRedone(undo: string): number {
    return this.redone.get(undo) ?? 0;
  }

  progressOf(key: string): string | undefined {
    return this.progress?.get(key);
  }

  /** Takes in what a checkpoint has committed. */
  committed(journal: readonly JournalEntry[], attempts: readonly FailedAttempt[]): void {
    for (const entry of journal) {
      this.keep(entry);
      this.gathered?.add(entry);
    }
    for (const { key, final, error } of attempts) {
      const attempts = (this.failuresOf(key)?.attempts ?? 0) + 1;
      this.fail(key, { attempts, final, error, failedAt: this.clock.monotonic() });
    }
  }

  /** Something was journaled: whatever ended earlier deliveries, it was not this run, or not always. */
  clearSuspicion(): void {
    if (this.deliveries <= 1) return;
    this.deliveries = 1;
    this.onCleared?.();
  }

  setProgress(key: string, value: string): void {
    (this.progress ??= new Map()).set(key, value);
  }

  /** Takes in what a write said about the row: news of a cancel, or that the run is somebody else's. */
  learn(outcome: CheckpointOutcome): void {
    if (outcome.outcome === 'committed' || outcome.outcome === 'woken') this.hear(outcome);
  }

  hear({ wakeups, cancel, paused }: HolderNews): void {
    this.wakeups = wakeups;
    this.paused = paused;
    if (cancel && !this.cancel) {
      this.cancel = cancel;
      if (this.status === 'running') for (const attempt of this.attempts()) attempt.cancel(cancel.reason);
      this.onInterrupted?.(this);
    }
  }

  /** The run is not ours any more: nothing is written, and every attempt is told. */
  lose(reason: Error): void {
    if (this.lossReason) return;
    this.lossReason = reason;
    for (const attempt of this.attempts()) attempt.abandon(reason);
    this.attempt = this.besides = null;
    this.onInterrupted?.(this);
  }

  /** True while a handler has it: all that happens then is the handler's doing. */
  get isAttempting(): boolean {
    return this.attempt !== null || this.besides !== null;
  }

  track(attempt: AttemptControl): void {
    if (this.lossReason) attempt.abandon(this.lossReason);
    else if (this.attempt === null) this.attempt = attempt;
    else (this.besides ??= new Set()).add(attempt);
    if (this.cancel && this.status === 'running') attempt.cancel(this.cancel.reason);
  }

  untrack(attempt: AttemptControl): void {
    if (this.attempt === attempt) this.attempt = null;
    else if (this.besides?.delete(attempt) && this.besides.size === 0) this.besides = null;
  }

  private attempts(): readonly AttemptControl[] {
    return [...(this.attempt ? [this.attempt] : []), ...(this.besides ?? [])];
  }

  private keep(entry: JournalEntry): void {
    (this.entries ??= new Map()).set(entry.key, entry);
  }

  private fail(key: string, known: KnownFailures): void {
    (this.failures ??= new Map()).set(key, known);
  }
}

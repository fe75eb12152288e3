import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import type { Clock } from '../common/clock.js';
import { IdempotencyConflictError, StoreUnavailableError } from '../errors/index.js';
import type { Telemetry } from '../observability/telemetry.js';
import type { NewRun, StartOutcome } from '../storage/contract/records.js';
import type { RunStore } from '../storage/contract/run-store.contract.js';
import { GroupCommit } from '../common/group-commit.js';

/**
 * How long a start is tried while the database cannot be reached: a restart takes seconds, and a caller waits for an
 * HTTP answer behind it. Repeating is safe, because the run's id is made here.
 */
const GIVE_UP_AFTER_MS = 30_000;
/** Two batches of starts in flight: one is being written while the next is on its way. */
const LANES = 2;
const RUN_OVERHEAD_BYTES = 300;

/** Where a run that is started here may begin at once. */
export interface EagerSlots {
  /** The worker id to insert the run under, or `null` when it has to wait for a claim. */
  reserve(run: Pick<NewRun, 'id' | 'workflow' | 'version' | 'queue'>): string | null;
  /** `outcome` is absent when nobody knows whether the run was inserted. */
  settleReservation(run: NewRun, outcome: StartOutcome | undefined): void;
  wake(): void;
}

export interface RunStarterParts {
  readonly store: RunStore;
  readonly clock: Clock;
  readonly slots: EagerSlots | null;
  /** Runs of a queue became due that no worker of this process took. */
  readonly onDue: (queue: string) => void;
  readonly telemetry: Telemetry;
}

/**
 * Writes starts: those of many callers share a commit, and a run that finds a free slot in this process is inserted
 * already claimed, so that its first step begins without another round trip.
 */
export class RunStarter {
  private readonly group: GroupCommit<readonly NewRun[], readonly StartOutcome[]>;

  constructor(private readonly parts: RunStarterParts) {
    const { store, clock } = parts;
    this.group = new GroupCommit({
      lanes: LANES,
      clock,
      giveUpAfterMs: GIVE_UP_AFTER_MS,
      flush: (batches) => this.insert(batches),
      errorClass: (error) => store.errorClass(error),
      givenUp: (error, attempts) => this.unavailable(error, attempts),
      sizeOf: (runs) => runs.reduce((bytes, run) => bytes + run.input.length + RUN_OVERHEAD_BYTES, 0),
    });
  }

  /**
   * Creates the runs in one statement.
   *
   * @throws IdempotencyConflictError when a key stands for a run with another input.
   * @throws StoreUnavailableError when the database could not be reached in 30 s.
   */
  async start(runs: readonly NewRun[]): Promise<readonly StartOutcome[]> {
    const { slots } = this.parts;
    const placed = slots === null ? runs : runs.map((run) => placedBy(slots, run));
    let outcomes: readonly StartOutcome[] | null = null;
    try {
      outcomes = await this.write(placed);
      this.report(placed, outcomes);
    } catch (error) {
      if (error instanceof IdempotencyConflictError) outcomes = runs.map(notCreated);
      throw this.unavailable(error, 1);
    } finally {
      placed.forEach((run, index) => this.settle(run, outcomes?.[index]));
    }
    this.announce(placed, outcomes);
    assertSameInputs(runs, outcomes);
    return outcomes;
  }

  private unavailable(error: unknown, attempts: number): unknown {
    return this.parts.store.errorClass(error) === 'transient'
      ? new StoreUnavailableError('start a run', attempts, error)
      : error;
  }

  /** Creates the runs in the caller's transaction; nothing begins before it has committed. */
  async startWithin(manager: EntityManager, runs: readonly NewRun[]): Promise<readonly StartOutcome[]> {
    const { store, slots, onDue } = this.parts;
    const outcomes = await store.insertRunsWithin(manager, runs, {
      accept: (found) => assertSameInputs(runs, found),
      onCommitted: () => {
        this.report(runs, outcomes);
        slots?.wake();
        for (const queue of new Set(runs.map((run) => run.queue))) onDue(queue);
      },
    });
    return outcomes;
  }

  /** Several runs with keys do not share a commit: one that conflicts takes the others of its call with it. */
  private write(runs: readonly NewRun[]): Promise<readonly StartOutcome[]> {
    const together = runs.length > 1 && runs.some((run) => run.idempotencyKey !== null);
    if (!together) return this.group.add(runs);
    return this.parts.store.insertRunsTogether(runs, (outcomes) => assertSameInputs(runs, outcomes));
  }

  private async insert(batches: readonly (readonly NewRun[])[]): Promise<readonly (readonly StartOutcome[])[]> {
    if (batches.length === 1) return [await this.parts.store.insertRuns(batches[0])];
    const outcomes = await this.parts.store.insertRuns(batches.flat());
    let at = 0;
    return batches.map((batch) => outcomes.slice(at, (at += batch.length)));
  }

  private settle(run: NewRun, outcome: StartOutcome | undefined): void {
    if (run.worker === null) return;
    this.parts.slots!.settleReservation(run, outcome);
  }

  private announce(runs: readonly NewRun[], outcomes: readonly StartOutcome[]): void {
    const waiting = runs.filter((run, index) => run.worker === null && outcomes[index].created);
    if (waiting.length === 0) return;
    const { slots, onDue } = this.parts;
    slots?.wake();
    for (const queue of new Set(waiting.map((run) => run.queue))) onDue(queue);
  }

  private report(runs: readonly NewRun[], outcomes: readonly StartOutcome[]): void {
    const { events } = this.parts.telemetry;
    if (!events.wants('durable.run.started')) return;
    runs.forEach((run, index) => {
      if (!outcomes[index].created) return;
      const { id: runId, workflow, version, queue, parentId: parentRunId, idempotencyKey } = run;
      events.emit('durable.run.started', { runId, workflow, version, queue, parentRunId, idempotencyKey });
    });
  }
}

/** The run as it is inserted: claimed already where it may begin here at once. */
function placedBy(slots: EagerSlots, run: NewRun): NewRun {
  const worker = run.due === null ? slots.reserve(run) : null;
  return worker === null ? run : { ...run, worker };
}

function notCreated({ id }: NewRun): StartOutcome {
  return { id, created: false, status: 'pending', existingInput: null };
}

function assertSameInputs(runs: readonly NewRun[], outcomes: readonly StartOutcome[]): void {
  runs.forEach((run, index) => assertSameInput(run, outcomes[index]));
}

function assertSameInput(run: NewRun, outcome: StartOutcome): void {
  if (outcome.existingInput === null || outcome.existingInput === run.input) return;
  if (isDeepStrictEqual(JSON.parse(outcome.existingInput), JSON.parse(run.input))) return;
  throw new IdempotencyConflictError(run.workflow, run.idempotencyKey!, outcome.id);
}

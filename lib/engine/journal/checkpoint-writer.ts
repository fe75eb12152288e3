import type { Awaitable } from '../../common/awaitable.js';
import type { Clock } from '../../common/clock.js';
import { CheckpointRejectedError } from '../../errors/index.js';
import type { Checkpoint, CheckpointOutcome } from '../../storage/contract/records.js';
import type { CheckpointKind, RunStore } from '../../storage/contract/run-store.contract.js';
import { GroupCommit } from '../../common/group-commit.js';

/** Told of what is written. */
export interface WriteReports {
  /**
   * A batch has committed.
   *
   * @param began when it was sent, by `performance.now()`.
   */
  flushed(checkpoints: number, began: number): void;
  /** So many of the {@link CheckpointWriter.backlog} are settled. Runs that have not gone on by now do in this turn of the event loop. */
  settled(checkpoints: number): void;
}

/** A checkpoint that waits for its batch; later ones of the same run are merged into it. */
interface PendingCheckpoint {
  checkpoint: Checkpoint;
  written: Promise<CheckpointOutcome> | null;
  /** When it is tried again if its run's row is locked. */
  readonly busyPauseMs: number;
}

type Group = GroupCommit<PendingCheckpoint, CheckpointOutcome>;

/**
 * Fixed bytes of a checkpoint beside its payloads, for the size of batches; an estimate within a factor of two is enough.
 */
const CHECKPOINT_OVERHEAD_BYTES = 200;
/** How soon a run whose row was locked by another transaction is tried again: such locks last a few milliseconds. */
const BUSY_PAUSE_MS = 5;
const LONGEST_BUSY_PAUSE_MS = 200;

/**
 * The one write path of the engine: checkpoints of all runs, in groups.
 *
 * A run's checkpoints are written in the order of the calls; two that wait for the same batch become one. A promise
 * resolves only once the checkpoint has committed, or is known never to.
 */
export class CheckpointWriter {
  private readonly groups: Readonly<Record<CheckpointKind, Group>>;
  private readonly waiting = new Map<string, PendingCheckpoint>();
  /** What the latest `abandon` said, for those that were waiting for a lock then. */
  private abandoned: Error | null = null;

  constructor(
    private readonly store: RunStore,
    clock: Clock,
    onError: (error: unknown, checkpoints: number) => void,
    private readonly reports: WriteReports | null = null,
  ) {
    const group = (kind: CheckpointKind): Group =>
      new GroupCommit<PendingCheckpoint, CheckpointOutcome>({
        lanes: store.lanes[kind],
        clock,
        giveUpAfterMs: Infinity,
        orderOf: ({ checkpoint }) => checkpoint.runId,
        flush: (batch) => this.flush(kind, batch),
        errorClass: (error) => store.errorClass(error),
        refused: (error) => new CheckpointRejectedError(error),
        sizeOf: ({ checkpoint }) => sizeOf(checkpoint),
        onTaken: ({ checkpoint }) => this.waiting.delete(checkpoint.runId),
        onSettled: (checkpoints) => {
          if (kind === 'own') this.reports?.settled(checkpoints);
        },
        onError,
      });
    this.groups = { own: group('own'), family: group('family') };
  }

  /** @throws CheckpointRejectedError when the database refuses the data of this checkpoint. */
  write(checkpoint: Checkpoint): Promise<CheckpointOutcome> {
    return this.enqueue(checkpoint, BUSY_PAUSE_MS);
  }

  /** Resolves when everything written so far has been settled. */
  async idle(): Promise<void> {
    await Promise.all([this.groups.own.idle(), this.groups.family.idle()]);
  }

  /** True when nothing waits or is being written. */
  get isIdle(): boolean {
    return this.groups.own.isIdle && this.groups.family.isIdle;
  }

  /**
   * How many checkpoints wait or are being written. Endings of children do not count: they may wait for rows that others have
   * locked, which says nothing of how the database keeps up.
   */
  get backlog(): number {
    return this.groups.own.size;
  }

  /** Gives up everything not yet written: the lease is gone, another worker decides. */
  abandon(error: Error): void {
    this.abandoned = error;
    this.waiting.clear();
    for (const group of [this.groups.own, this.groups.family]) group.abandon(error);
  }

  private enqueue(checkpoint: Checkpoint, busyPauseMs: number): Promise<CheckpointOutcome> {
    const waiting = this.waiting.get(checkpoint.runId);
    if (waiting?.written && waiting.checkpoint.epoch === checkpoint.epoch) {
      waiting.checkpoint = merge(waiting.checkpoint, checkpoint);
      return waiting.written;
    }
    // An older epoch that still waits belongs to a lost claim of this very process: the fence refuses it anyway.
    const pending: PendingCheckpoint = { checkpoint, written: null, busyPauseMs };
    pending.written = this.groups[checkpoint.parentId === null ? 'own' : 'family'].add(pending);
    this.waiting.set(checkpoint.runId, pending);
    return pending.written;
  }

  private async flush(
    kind: CheckpointKind,
    batch: readonly PendingCheckpoint[],
  ): Promise<readonly Awaitable<CheckpointOutcome>[]> {
    const { abandoned } = this;
    const began = performance.now();
    const outcomes = await this.store.checkpoint(
      kind,
      batch.map(({ checkpoint }) => checkpoint),
    );
    this.reports?.flushed(batch.length, began);
    if (!outcomes.some(({ outcome }) => outcome === 'busy')) return outcomes;
    return outcomes.map((outcome, index) => {
      return outcome.outcome === 'busy' ? this.writeOnceFree(batch[index], abandoned) : outcome;
    });
  }

  private async writeOnceFree(
    { checkpoint, busyPauseMs }: PendingCheckpoint,
    abandoned: Error | null,
  ): Promise<CheckpointOutcome> {
    await new Promise((resolve) => setTimeout(resolve, busyPauseMs));
    if (this.abandoned !== abandoned) throw this.abandoned!;
    return this.enqueue(checkpoint, Math.min(busyPauseMs * 2, LONGEST_BUSY_PAUSE_MS));
  }
}

function merge(earlier: Checkpoint, later: Checkpoint): Checkpoint {
  return {
    ...earlier,
    journal: [...earlier.journal, ...later.journal],
    attempts: [...earlier.attempts, ...later.attempts],
    move: later.move ?? earlier.move,
    progress: [...earlier.progress.filter((old) => !later.progress.some((p) => p.key === old.key)), ...later.progress],
    children: [...earlier.children, ...later.children],
    consumed: [...earlier.consumed, ...later.consumed],
    parentId: later.parentId ?? earlier.parentId,
  };
}

function sizeOf(checkpoint: Checkpoint): number {
  let bytes = CHECKPOINT_OVERHEAD_BYTES;
  for (const entry of checkpoint.journal) bytes += entry.result.length;
  for (const entry of checkpoint.progress) bytes += entry.value.length;
  return bytes;
}

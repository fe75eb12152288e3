import { isTerminal } from '../../definition/run-state.js';
import { LeaseLostError } from '../../errors/index.js';
import type { Checkpoint, CheckpointOutcome, FailedAttempt } from '../../storage/contract/records.js';
import type { RunReporter } from './run-reporter.js';
import type { RunSession } from './run-session.js';
import { retryLater } from './transition.js';

export interface SessionWriterParts {
  readonly write: (checkpoint: Checkpoint) => Promise<CheckpointOutcome>;
  readonly workerId: () => string;
  readonly reports: RunReporter;
}

/** Writes checkpoints of sessions, and brings each session up to what has committed. */
export class SessionWriter {
  constructor(private readonly parts: SessionWriterParts) {}

  /**
   * Writes a checkpoint. Returns true when the run is still held and goes on.
   *
   * @throws CheckpointRejectedError when the database refuses its data.
   */
  async commit(session: RunSession, checkpoint: Checkpoint): Promise<boolean> {
    return this.take(session, checkpoint, await this.write(checkpoint));
  }

  /** The half of {@link commit} that waits; what comes of it has to be taken. */
  write(checkpoint: Checkpoint): Promise<CheckpointOutcome> {
    return this.parts.write(checkpoint);
  }

  /** Like {@link commit}, for a move that builds upon what the session has seen: repeated while news refuses it. */
  async commitUnlessCanceled(session: RunSession, build: (first: boolean) => Checkpoint): Promise<boolean> {
    for (let first = true; ; first = false) {
      const checkpoint = build(first);
      const outcome = await this.write(checkpoint);
      const going = this.take(session, checkpoint, outcome);
      if (outcome.outcome !== 'woken' || session.cancel) return going;
    }
  }

  /** Lets the run wait for its next attempt. For a time only: news that is no cancel does not cut the wait short. */
  commitRetry(session: RunSession, failed: readonly FailedAttempt[], delayMs: number): Promise<boolean> {
    return this.commitUnlessCanceled(session, (first) => retryLater(session, first ? failed : [], delayMs));
  }

  /** Takes in what became of a checkpoint, written here or in a step's own transaction. True when the run is held and goes on. */
  take(session: RunSession, checkpoint: Checkpoint, outcome: CheckpointOutcome): boolean {
    if (outcome.outcome === 'lost' || outcome.outcome === 'busy') {
      if (outcome.outcome === 'lost') this.parts.reports.fenced(session);
      session.lose(new LeaseLostError(session.id, this.parts.workerId()));
      return false;
    }
    const refused = outcome.outcome === 'woken';
    const { status: before } = session;
    session.committed(checkpoint.journal, checkpoint.attempts);
    for (const { key, value } of checkpoint.progress) session.setProgress(key, value);
    session.learn(outcome);
    if (checkpoint.journal.length + checkpoint.attempts.length > 0) session.clearSuspicion();
    const going = checkpoint.move === null || this.moved(session, checkpoint.move, refused);
    this.parts.reports.committed(session, checkpoint, refused, before);
    return going;
  }

  private moved(session: RunSession, move: NonNullable<Checkpoint['move']>, refused: boolean): boolean {
    session.cursor = move.cursor;
    if (refused) return true;
    session.status = move.status;
    session.error = move.error;
    session.due = move.due;
    return move.held && !isTerminal(move.status);
  }
}

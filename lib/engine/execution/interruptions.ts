import type { Clock } from '../../common/clock.js';
import type { RunSession } from './run-session.js';

/** Says whether something comes before the next part of a node: a cancel, the run's deadline, a pause, a shutdown. */
export class Interruptions {
  constructor(
    private readonly clock: Clock,
    private readonly isReleasing: () => boolean,
    private readonly isPaused: (workflow: { readonly name: string; readonly version: number }) => boolean,
  ) {}

  pending(session: RunSession): boolean {
    return session.lost !== null || session.cancel !== null || this.letsGo(session) || this.isOverdue(session);
  }

  /** The run is to be handed back between two units: this worker stops, or an operator paused the run or its workflow. */
  letsGo(session: RunSession): boolean {
    return this.isReleasing() || session.paused || this.isPaused(session.workflow);
  }

  isOverdue(session: RunSession): boolean {
    return session.deadline !== null && this.clock.monotonic() >= session.deadline;
  }
}

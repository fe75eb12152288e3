import { RunCanceledError } from '../../errors/index.js';

/**
 * The switch of one attempt: fires its abort signal, and lets the engine stop waiting for it.
 *
 * States: running → aborted (the signal fired; a canceled step may still finish its work and is waited for) → over. An
 * attempt that is abandoned is over at once: nobody waits for its outcome any more.
 */
export class AttemptControl {
  private controller: AbortController | null = null;
  private abortReason: Error | null = null;
  private stopWaiting: ((reason: Error) => void) | null = null;
  private over = false;

  constructor(private readonly runId: string) {}

  /** Made on first use: most steps never look at it. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.over) this.abortReason ??= ended();
      if (this.abortReason) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Says who is to be told when the attempt is abandoned or has timed out. */
  onStop(stopWaiting: (reason: Error) => void): void {
    this.stopWaiting = stopWaiting;
    if (this.over && this.abortReason) stopWaiting(this.abortReason);
  }

  /** Fires the signal; the outcome still counts, because it decides what there is to undo. */
  cancel(reason: string | null): void {
    this.fire(new RunCanceledError(this.runId, reason));
  }

  /** Fires the signal and stops waiting: a timeout, a lost lease, a shutdown that has waited long enough. */
  abandon(reason: Error): void {
    this.fire(reason);
    this.over = true;
    this.stopWaiting?.(reason);
  }

  /** The handler has returned or thrown; what it left running sees an aborted signal. */
  finish(): void {
    this.over = true;
    this.stopWaiting = null;
    // Made only for those who look: the stack of an error costs more than all else that the engine does for a step.
    if (this.controller) this.fire(ended());
  }

  private fire(reason: Error): void {
    if (this.abortReason) return;
    this.abortReason = reason;
    this.controller?.abort(reason);
  }
}

function ended(): Error {
  return new Error('The attempt has ended.');
}

/** What one process tells the others. A hint only: polling makes progress without it. */
export type Wakeup =
  /** Runs of a queue became due. */
  | { readonly type: 'due'; readonly queue: string }
  /** Runs ended; waiters look at theirs. */
  | { readonly type: 'ended' }
  /** A run that `worker` holds has something new: a cancel or a signal. */
  | { readonly type: 'poke'; readonly runId: string }
  /** Workflows were paused or unpaused. */
  | { readonly type: 'paused' };

export interface WakeupChannel {
  /** Sends soon, outside every other transaction; equal wake-ups within a few milliseconds become one. Never throws. */
  notify(wakeup: Wakeup): void;
  /** Calls `listener` for every wake-up of another process, and once after each reconnection. */
  subscribe(listener: WakeupListener): Promise<() => void>;
  close(): void;
}

export type WakeupListener = (wakeup: Wakeup | { readonly type: 'reconnected' }) => void;

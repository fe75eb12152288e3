import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailableError } from '../../errors/index.js';
import { classify, type ErrorClass } from './sqlstate.js';

export interface RetryOptions {
  /** Milliseconds after which no further attempt is made. */
  readonly maxElapsedMs: number;
  /** `['conflict']` for work that must not be repeated when its outcome is unknown. @default ['transient', 'conflict'] */
  readonly repeat?: readonly ErrorClass[];
  /** @default the classifier of sqlstate.ts */
  readonly classify?: (error: unknown) => ErrorClass;
  /** Ends the waiting at once; no further attempt is made. */
  readonly signal?: AbortSignal;
  /** Waits between attempts. @default a timer */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
  /** From 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** Long enough for a deadlock's other party to finish; a restarted server is not yet back, but that costs one refusal. */
const FIRST_WAIT_MS = 25;

/** A server that is back is noticed within a second on average; shorter would add load to one that struggles. */
const LONGEST_WAIT_MS = 2_000;

async function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, { signal });
}

/**
 * Repeats `attempt` while it fails with errors that time can cure, with full jitter between attempts.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * Only for work that may be repeated when its outcome is unknown, unless `repeat` says otherwise.
 *
 * @param operation what was to be done, as the error says it: `cancel a run`.
 * @throws StoreUnavailableError when the time is up, `signal` ended the waiting, or the error is one that `repeat` leaves
 *   out; its cause is the last error.
 * @throws the error itself when time cannot cure it.
 */
export async function withRetry<T>(
  operation: string,
  attempt: (number: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { maxElapsedMs, repeat = ['transient', 'conflict'], signal, wait = timer } = options;
  const { now = () => performance.now(), random = Math.random } = options;
  const classOf = options.classify ?? classify;
  const deadline = now() + maxElapsedMs;
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (error) {
      const found = classOf(error);
      if (found === 'data' || found === 'permanent') throw error;
      const pause = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (number - 1));
      const over = signal?.aborted || now() + pause >= deadline;
      if (over || !repeat.includes(found)) throw new StoreUnavailableError(operation, number, error);
      await wait(pause, signal).catch(() => {
        throw new StoreUnavailableError(operation, number, error);
      });
    }
  }
}

import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

export interface EventuallyOptions {
  /** Milliseconds after which it is given up. @default 60 000 */
  readonly within?: number;
}

/**
 * Asks again and again until the answer is neither false, undefined, nor null. For what happens in other processes, where
 * nothing can be awaited.
 *
 * @param what ends the sentence "waited in vain for …".
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T> | T,
  { within = 60_000 }: EventuallyOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + within;
  for (;;) {
    const answer = await ask();
    if (answer !== false && answer !== undefined && answer !== null) return answer;
    if (performance.now() >= deadline) throw new Error(`waited in vain for ${what} (${within} ms)`);
    await delay(POLL_MS);
  }
}

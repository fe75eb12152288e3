import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger, OrphanedRun } from './ledger.js';

/** The resolution of the measurement. */
const POLL_MS = 20;

/** Milliseconds from the death of a worker until its runs went on elsewhere. */
export interface Takeover {
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * Waits until every orphaned run was claimed by another worker.
 *
 * @param killedAt of `performance.now()`.
 * @throws Error when some were not within `timeoutMs`.
 */
export async function watchTakeover(
  ledger: Ledger,
  orphans: readonly OrphanedRun[],
  killedAt: number,
  timeoutMs: number,
): Promise<Takeover> {
  let firstMs: number | undefined;
  for (;;) {
    const { size } = await ledger.goneOn(orphans);
    const elapsed = performance.now() - killedAt;
    if (size > 0) firstMs ??= elapsed;
    if (size === orphans.length && firstMs !== undefined) return { firstMs, lastMs: elapsed };
    if (elapsed > timeoutMs) {
      throw new Error(
        `${orphans.length - size} of the dead worker's ${orphans.length} runs did not go on in ${timeoutMs} ms`,
      );
    }
    await delay(POLL_MS);
  }
}

import type { Checkpoint, CheckpointOutcome } from '../contract/records.js';
import { toCancelRequest, type CheckpointRow } from './rows.js';

/** Most checkpoints: written, and nothing came in meanwhile. */
const SILENT: CheckpointOutcome = Object.freeze({ outcome: 'committed', wakeups: 0, cancel: null, paused: false });

/** What became of the one unit that was journaled by itself; `null` when it was not, and the other statement has to say why. */
export function toOutcomeOfOne({ seen }: Checkpoint, written: boolean): readonly CheckpointOutcome[] | null {
  return written ? [{ outcome: 'committed', wakeups: seen, cancel: null, paused: false }] : null;
}

/** What the checkpoint statement answered, in the order of the batch. */
export function toOutcomes(batch: readonly Checkpoint[], rows: readonly CheckpointRow[]): readonly CheckpointOutcome[] {
  const byOrdinal = new Map(rows.map((row) => [row.ordinal, row]));
  // Row 0 says of how many there is no row. A sum that is wrong must not pass for success.
  const silent = byOrdinal.get(0)?.wakeups === batch.length - (rows.length - 1);
  return batch.map((checkpoint, index) => {
    const row = byOrdinal.get(index + 1);
    if (row === undefined && silent) return SILENT;
    if (!row?.passed) return { outcome: row?.mine ? 'busy' : 'lost' };
    const outcome = row.applied || checkpoint.move === null ? 'committed' : 'woken';
    return { outcome, wakeups: row.wakeups, cancel: toCancelRequest(row.cancel), paused: row.paused };
  });
}

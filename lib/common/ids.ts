import { getRandomValues } from 'node:crypto';
import { v7 } from 'uuid';

/** Random bytes of so many ids are asked for at a time: one question takes 7 µs, however little it asks for. */
const POOLED_IDS = 256;
const RANDOM_BYTES = 16;
const pool = new Uint8Array(POOLED_IDS * RANDOM_BYTES);
let used = pool.length;

/** The latest id of this process: its millisecond, and its place within that. */
const latest = { msecs: 0, seq: 0 };
/** The sequence of an id has 32 bits. It begins in their lower half, so that it cannot come to their end in a millisecond. */
const FIRST_SEQ_BITS = 31;

/**
 * A new UUIDv7 for a run or worker. Ids grow with time, also within a millisecond of one process and when its clock is set
 * back, so that indexes grow at their end and a page of a list can begin after an id.
 */
export function newId(): string {
  const random = nextRandom();
  const now = Date.now();
  if (now > latest.msecs) {
    latest.msecs = now;
    latest.seq = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> (32 - FIRST_SEQ_BITS);
  } else {
    latest.seq++;
  }
  return v7({ random, ...latest });
}

function nextRandom(): Uint8Array {
  if (used === pool.length) {
    getRandomValues(pool);
    used = 0;
  }
  return pool.subarray(used, (used += RANDOM_BYTES));
}

/** When a UUIDv7 was made, in milliseconds since 1970 by the clock of the process that made it. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for what PostgreSQL can look up as a run's id. Anything else names no run. */
export function isRunId(value: unknown): value is string {
  return typeof value === 'string' && value.length === 36 && RUN_ID.test(value);
}

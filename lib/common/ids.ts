import { v7 } from 'uuid';

/**
 * A new UUIDv7 for a run or worker. Ids grow with time, also within a millisecond of one process, so that indexes grow
 * at their end and a page of a list can begin after an id.
 */
export function newId(): string {
  return v7();
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

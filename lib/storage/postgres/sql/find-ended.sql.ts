import type { SqlStatement } from './sql-statement.js';

/**
 * Of the given runs, those that have ended: one question for everybody who waits for a result.
 *
 * - Parameters: run ids. Result: `id`, `status`. Locks: none. Index: the primary key.
 */
export function findEnded(schema: string, runIds: readonly string[]): SqlStatement {
  return {
    name: 'find-ended',
    text: `
select r.id, r.status from ${schema}.run r
 where r.id = any ($1::uuid[]) and r.status in ('completed', 'failed', 'canceled', 'compensation_failed')`,
    values: [runIds],
  };
}

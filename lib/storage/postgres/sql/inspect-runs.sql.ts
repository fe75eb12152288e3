import type { SqlStatement } from './sql-statement.js';

/**
 * What came in for runs that a worker holds: asked when it is told so, or when a park was refused.
 *
 * - Parameters: run ids. Result: `id`, `epoch`, `wakeups`, `cancel`, `paused`. Locks: none. Index: the primary key.
 */
export function inspectRuns(schema: string, runIds: readonly string[]): SqlStatement {
  return {
    name: 'inspect-runs',
    text: `
select id, epoch, wakeups, cancel, paused_at is not null as paused from ${schema}.run where id = any ($1::uuid[])`,
    values: [runIds],
  };
}

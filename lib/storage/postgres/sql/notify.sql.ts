import type { SqlStatement } from './sql-statement.js';

/**
 * Sends wake-ups, in a transaction that writes nothing else: NOTIFY takes a lock of the whole server at commit.
 *
 * - Parameters: channel, payloads. Result: none of interest.
 */
export function notify(channel: string, payloads: readonly string[]): SqlStatement {
  return { name: 'notify', text: 'select pg_notify($1, p) from unnest($2::text[]) as p', values: [channel, payloads] };
}

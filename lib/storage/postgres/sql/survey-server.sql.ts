import { ALLOW_UNSAFE_SETTING } from '../postgres-database-check.js';
import type { SqlStatement } from './sql-statement.js';

/** The settings that decide whether what was committed survives, and how many may connect. */
const SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'max_connections',
  'superuser_reserved_connections',
  'autovacuum',
  'default_transaction_read_only',
  ALLOW_UNSAFE_SETTING,
];

/**
 * Reads what the server is and how it is set.
 *
 * - Parameters: names of settings. Result: one row: `ServerFacts`. Locks: none. Reads no table of ours.
 */
export function surveyServer(): SqlStatement {
  return {
    text: `
select split_part(current_setting('server_version'), ' ', 1) as version,
       current_setting('server_version_num')::int as "versionNumber",
       current_database() as database, current_user as role,
       (select rolsuper from pg_catalog.pg_roles where rolname = current_user) as superuser,
       pg_is_in_recovery() as "inRecovery",
       (select pg_encoding_to_char(encoding) from pg_catalog.pg_database where datname = current_database()) as encoding,
       (select json_object_agg(name, coalesce(current_setting(name, true), '')) from unnest($1::text[]) as name) as settings,
       (select sum(numbackends)::int from pg_catalog.pg_stat_database) as connections,
       has_database_privilege(current_database(), 'CREATE') as "mayCreate"`,
    values: [SETTINGS],
  };
}

/**
 * Reads the server's clock.
 *
 * - Parameters: none. Result: `now` in milliseconds since 1970. Locks: none.
 */
export function readClock(): SqlStatement {
  return { text: `select extract(epoch from clock_timestamp())::float8 * 1000 as now`, values: [] };
}

import { quoteIdentifier } from './sql-identifier.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Says whether a schema is there and usable.
 *
 * - Parameters: the schema's name. Result: at most one row: `usable`. Locks: none.
 */
export function surveyNamespace(schema: string): SqlStatement {
  return {
    text: `
select has_schema_privilege(n.oid, 'USAGE') as usable
  from pg_catalog.pg_namespace n
 where n.nspname = $1`,
    values: [schema],
  };
}

/**
 * Reads the tables of a schema, and what the role may do with them; of UPDATE, with some column at least.
 *
 * - Parameters: the schema's name. Result: one row a table: `name`, `privileges`. Locks: none.
 */
export function surveyTables(schema: string): SqlStatement {
  return {
    text: `
select c.relname as name,
       array_remove(array[
         case when has_table_privilege(c.oid, 'SELECT') then 'SELECT' end,
         case when has_table_privilege(c.oid, 'INSERT') then 'INSERT' end,
         case when has_any_column_privilege(c.oid, 'UPDATE') then 'UPDATE' end,
         case when has_table_privilege(c.oid, 'DELETE') then 'DELETE' end], null) as privileges
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = $1 and c.relkind in ('r', 'p')
 order by c.relname`,
    values: [schema],
  };
}

/**
 * Reads the indexes of a schema.
 *
 * - Parameters: the schema's name. Result: one row an index: `name`, `usable`. Locks: none.
 */
export function surveyIndexes(schema: string): SqlStatement {
  return {
    text: `
select c.relname as name, i.indisvalid and i.indisready and i.indislive as usable
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where n.nspname = $1
 order by c.relname`,
    values: [schema],
  };
}

/**
 * Reads every worker's row with what it holds, and whether a session holds its lock.
 *
 * - Parameters: none. Result: one row a worker: `SurveyedWorker`. Locks: none. Index: `run_held`.
 */
export function listWorkers(schema: string): SqlStatement {
  const quoted = quoteIdentifier(schema);
  return {
    text: `
select w.id, w.name, w.host, w.pid, w.queue, w.workflows, w.slots, w.started_at as "startedAt",
       w.heartbeat_at as "heartbeatAt", w.expires_at as "expiresAt",
       (select count(*)::int from ${quoted}.run h where h.worker_id = w.id) as held,
       (extract(epoch from statement_timestamp() - w.heartbeat_at) * 1000)::float8 as "heartbeatAgeMs",
       w.expires_at > statement_timestamp() as leased,
       exists (select from pg_catalog.pg_locks l
                where l.locktype = 'advisory' and l.granted and l.objsubid = 1
                  and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                  and (l.classid::bigint << 32 | l.objid::bigint) = w.lock_key) as locked
  from ${quoted}.worker w
 order by w.heartbeat_at desc, w.id`,
    values: [],
  };
}

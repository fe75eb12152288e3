import type { StoredDefinition } from '../../contract/plan-store.contract.js';
import { nowSql } from './sql-clock.sql.js';
import type { SqlStatement } from './sql-statement.js';

/**
 * Stores plans; one that is there already is kept with the time of its first registration.
 *
 * - Parameters: the clock, one array a column. Result: none.
 * - Locks: the new rows, in the order of their keys, so that processes that boot together wait in one direction only.
 */
export function saveDefinitions(
  schema: string,
  definitions: readonly StoredDefinition[],
  now: Date | null,
): SqlStatement {
  return {
    name: 'save-definitions',
    text: `
insert into ${schema}.definition (name, version, hash, nodes, plan, registered_at)
select d.name, d.version, d.hash, d.nodes, d.plan::json, ${nowSql(1)}
  from unnest($2::text[], $3::int[], $4::text[], $5::int[], $6::text[]) as d (name, version, hash, nodes, plan)
 order by d.name, d.version, d.hash
    on conflict do nothing`,
    values: [
      now,
      definitions.map((definition) => definition.name),
      definitions.map((definition) => definition.version),
      definitions.map((definition) => definition.hash),
      definitions.map((definition) => definition.nodes),
      definitions.map((definition) => definition.plan),
    ],
  };
}

/**
 * Says which of these plans are stored.
 *
 * - Parameters: one array a column. Result: `name`, `version`, `hash` of each. Locks: none. Index: the primary key.
 */
export function findStoredDefinitions(schema: string, definitions: readonly StoredDefinition[]): SqlStatement {
  return {
    name: 'find-stored-definitions',
    text: `
select d.name, d.version, d.hash
  from unnest($1::text[], $2::int[], $3::text[]) as asked (name, version, hash)
  join ${schema}.definition d using (name, version, hash)`,
    values: [
      definitions.map((definition) => definition.name),
      definitions.map((definition) => definition.version),
      definitions.map((definition) => definition.hash),
    ],
  };
}

/**
 * Reads the plan of a version, of the highest one when none is named; the latest where a version had several.
 *
 * - Parameters: name, version or null. Result: at most one row. Locks: none. Index: the primary key.
 */
export function findDefinition(schema: string, name: string, version: number | null): SqlStatement {
  return {
    name: 'find-definition',
    text: `
select d.name, d.version, d.hash, d.nodes, d.plan from ${schema}.definition d
 where d.name = $1 and ($2::int is null or d.version = $2::int)
 order by d.version desc, d.registered_at desc, d.hash
 limit 1`,
    values: [name, version],
  };
}

/**
 * Reads one plan of a version.
 *
 * - Parameters: name, version, hash. Result: at most one row. Locks: none. Index: the primary key.
 */
export function findDefinitionByHash(schema: string, name: string, version: number, hash: string): SqlStatement {
  return {
    name: 'find-definition-by-hash',
    text: `
select d.name, d.version, d.hash, d.nodes, d.plan from ${schema}.definition d
 where d.name = $1 and d.version = $2 and d.hash = $3`,
    values: [name, version, hash],
  };
}

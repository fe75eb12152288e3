import { escapeLiteral } from 'pg';

/**
 * The text that all ways to migrate share. None of it takes parameters: it also stands in scripts for other tools, so
 * names are put in as literals and quoted identifiers.
 */

/** Waits for its turn and holds it until the transaction ends, so that ten processes that boot at once migrate once. */
export function lockMigrations(schema: string): string {
  return `pg_advisory_xact_lock(hashtextextended(${escapeLiteral(`nest-durable migrations of ${schema}`)}, 0))`;
}

/** True when the schema is there. `create schema if not exists` demands its privilege even when there is nothing to do. */
export function schemaExists(schema: string): string {
  return `exists (select from pg_catalog.pg_namespace where nspname = ${escapeLiteral(schema)})`;
}

/** True when the schema has its table of migrations. */
export function migrationTableExists(schema: string): string {
  return `exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${escapeLiteral(schema)} and c.relname = 'migration')`;
}

/** @param schema already quoted */
export function createMigrationTable(schema: string): string {
  return `create table ${schema}.migration (
  name       text        primary key,
  applied_at timestamptz not null default now()
)`;
}

/** @param schema already quoted */
export function recordMigration(schema: string, name: string): string {
  return `insert into ${schema}.migration (name) values (${escapeLiteral(name)})`;
}

/** @param schema already quoted */
export function forgetMigration(schema: string, name: string): string {
  return `delete from ${schema}.migration where name = ${escapeLiteral(name)}`;
}

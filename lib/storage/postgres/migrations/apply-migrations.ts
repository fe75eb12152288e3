import { quoteIdentifier } from '../sql/sql-identifier.js';
import { allMigrations } from './all-migrations.js';
import * as table from './migration-table.sql.js';
import type { SchemaMigration } from './schema-migration.js';

/** Runs statements without parameters in the caller's transaction and returns the rows of the last one. */
export type RunSql = (sql: string) => Promise<readonly Record<string, unknown>[]>;

export interface MigrationState {
  /** What this version of the package has and the schema lacks, oldest first. */
  readonly pending: readonly SchemaMigration[];
  /** What this version has and the schema too, oldest first. */
  readonly applied: readonly SchemaMigration[];
  /** What a newer version of the package applied and this one does not know. */
  readonly newer: readonly string[];
}

/** Compares the schema with this version of the package. Changes nothing. */
export async function readMigrationState(run: RunSql, schema: string): Promise<MigrationState> {
  const there = await run(`select ${table.migrationTableExists(schema)} as found`);
  const rows = there[0]?.found
    ? await run(`select name from ${quoteIdentifier(schema)}.migration order by applied_at, name`)
    : [];
  const recorded = new Set(rows.map((row) => String(row.name)));
  const known = new Set(allMigrations.map((migration) => migration.name));
  return {
    pending: allMigrations.filter((migration) => !recorded.has(migration.name)),
    applied: allMigrations.filter((migration) => recorded.has(migration.name)),
    newer: [...recorded].filter((name) => !known.has(name)),
  };
}

/**
 * Applies missing migrations in the caller's transaction, which then holds the lock of migrations until it ends.
 *
 * @param atMost how many; the others stay pending.
 * @returns the names of those applied.
 */
export async function applyMigrations(run: RunSql, schema: string, atMost = Infinity): Promise<readonly string[]> {
  const quoted = quoteIdentifier(schema);
  await run(`select ${table.lockMigrations(schema)}`);
  const { pending } = await readMigrationState(run, schema);
  if (pending.length === 0) return [];
  const [place] = await run(
    `select ${table.schemaExists(schema)} as "hasSchema", ${table.migrationTableExists(schema)} as "hasTable"`,
  );
  if (!place?.hasSchema) await run(`create schema ${quoted}`);
  if (!place?.hasTable) await run(table.createMigrationTable(quoted));
  const now = pending.slice(0, atMost);
  for (const migration of now) {
    await run(migration.sql(quoted));
    await run(table.recordMigration(quoted, migration.name));
  }
  return now.map((migration) => migration.name);
}

/**
 * Takes the latest applied migration back in the caller's transaction, with the data that it made room for.
 *
 * @returns its name, or null when there is none.
 */
export async function undoLatestMigration(run: RunSql, schema: string): Promise<string | null> {
  const quoted = quoteIdentifier(schema);
  await run(`select ${table.lockMigrations(schema)}`);
  const { applied } = await readMigrationState(run, schema);
  const latest = applied.at(-1);
  if (!latest) return null;
  await run(latest.undo(quoted));
  await run(table.forgetMigration(quoted, latest.name));
  return latest.name;
}

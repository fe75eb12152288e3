import { allMigrations } from './all-migrations.js';

export interface ExpectedRelations {
  readonly tables: readonly string[];
  readonly indexes: readonly string[];
}

/**
 * The tables and indexes that a schema has when every migration is applied, read from the migrations' own text, so that
 * they cannot differ from it. Primary keys have the name that PostgreSQL gives them.
 */
export function expectedRelations(): ExpectedRelations {
  const tables = new Set<string>(['migration']);
  const indexes = new Set<string>();
  const statements = allMigrations.flatMap(({ sql }) => sql('s').split(';'));
  for (const statement of statements.map((text) => text.trim())) {
    const [, table] = /^create table s\.(\w+)/.exec(statement) ?? [];
    if (table !== undefined) tables.add(table);
    const [, index] = /^create (?:unique )?index (\w+)/.exec(statement) ?? [];
    if (index !== undefined) indexes.add(index);
    const [, dropped] = /^drop index s\.(\w+)/.exec(statement) ?? [];
    if (dropped !== undefined) indexes.delete(dropped);
    const [, gone] = /^drop table s\.(\w+)/.exec(statement) ?? [];
    if (gone !== undefined) tables.delete(gone);
  }
  for (const table of tables) indexes.add(`${table}_pkey`);
  return { tables: [...tables].sort(), indexes: [...indexes].sort() };
}

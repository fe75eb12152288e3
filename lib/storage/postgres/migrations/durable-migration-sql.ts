import { assertSchemaName } from '../../../common/names.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';
import { dollarQuote } from '../sql/dollar-quote.js';
import { quoteIdentifier } from '../sql/sql-identifier.js';
import { allMigrations } from './all-migrations.js';
import * as table from './migration-table.sql.js';

export interface DurableMigrationSqlOptions {
  /** @default 'durable' */
  readonly schema?: string;
  /** Leave out this migration and all before it, e.g. `'001-initial'`. @default every migration is in the script */
  readonly from?: string;
}

/**
 * The SQL that brings a schema up to date, to be run with your own tool (psql, Flyway, Liquibase, …).
 *
 * The script is one statement, so it happens as a whole or not at all, inside a transaction of the tool or without one.
 * It skips what is applied already and records what it applies, so it may be run again, and processes that start with
 * `migrate: true` beside it find nothing to do.
 *
 * @throws InvalidNameError when the schema's name cannot be one.
 * @throws RangeError when there is no migration `from`.
 *
 * @example
 * ```sh
 * node -e "import('nest-durable').then((m) => console.log(m.durableMigrationSql()))" | psql "$DATABASE_URL"
 * ```
 */
export function durableMigrationSql(options: DurableMigrationSqlOptions = {}): string {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  assertSchemaName(schema);
  const quoted = quoteIdentifier(schema);
  const body = `begin
perform ${table.lockMigrations(schema)};
if not ${table.schemaExists(schema)} then
create schema ${quoted};
end if;
if not ${table.migrationTableExists(schema)} then
${table.createMigrationTable(quoted)};
end if;
${missingSince(options.from)
  .map(
    (migration) => `if not exists (select from ${quoted}.migration where name = '${migration.name}') then
${migration.sql(quoted).trim()}

${table.recordMigration(quoted, migration.name)};
end if;`,
  )
  .join('\n')}
end`;
  return `-- nest-durable: brings the schema up to date. One statement; safe to run again.\ndo ${dollarQuote(body)};\n`;
}

function missingSince(from: string | undefined): typeof allMigrations {
  if (from === undefined) return allMigrations;
  const index = allMigrations.findIndex((migration) => migration.name === from);
  if (index !== -1) return allMigrations.slice(index + 1);
  throw new RangeError(
    `durableMigrationSql: there is no migration "${from}"; known: ${allMigrations.map(({ name }) => name).join(', ')}`,
  );
}

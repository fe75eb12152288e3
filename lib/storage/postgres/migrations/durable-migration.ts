import type { MigrationInterface, QueryRunner } from 'typeorm';
import { assertSchemaName } from '../../../common/names.js';
import { DEFAULT_SCHEMA } from '../default-schema.js';
import { allMigrations } from './all-migrations.js';
import { applyMigrations, undoLatestMigration, type RunSql } from './apply-migrations.js';

export interface DurableMigrationOptions {
  /** @default 'durable' */
  readonly schema?: string;
}

/**
 * Makes a class for the `migrations` of the application's DataSource that brings a schema of this package up to date.
 *
 * `up` applies whatever is missing. `down` takes the latest of the package's migrations back, tables and runs included.
 * The migration's name carries the time of the latest of them, so TypeORM runs it once more after an update that has new
 * ones.
 *
 * @throws InvalidNameError when the schema's name cannot be one.
 *
 * @example
 * ```ts
 * new DataSource({ type: 'postgres', url, migrations: [CreateOrders1763000000000, durableMigration({ schema: 'flows' })] });
 * ```
 */
export function durableMigration(options: DurableMigrationOptions = {}): new () => MigrationInterface {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  assertSchemaName(schema);
  const prefix = schema === DEFAULT_SCHEMA ? 'DurableMigration' : `DurableMigration:${schema}:`;
  const timestamp = Math.max(...allMigrations.map((migration) => migration.timestamp));
  return class implements MigrationInterface {
    readonly name = `${prefix}${timestamp}`;

    async up(queryRunner: QueryRunner): Promise<void> {
      await applyMigrations(runOn(queryRunner), schema);
    }

    async down(queryRunner: QueryRunner): Promise<void> {
      await undoLatestMigration(runOn(queryRunner), schema);
    }
  };
}

function runOn(queryRunner: QueryRunner): RunSql {
  return (sql) => queryRunner.query(sql) as ReturnType<RunSql>;
}

/**
 * Brings the schema `durable` up to date as one of the application's TypeORM migrations; {@link durableMigration} makes
 * such a class for another schema.
 *
 * @example
 * ```ts
 * new DataSource({ type: 'postgres', url, migrations: [CreateOrders1763000000000, DurableMigration] });
 * ```
 */
export const DurableMigration = durableMigration();

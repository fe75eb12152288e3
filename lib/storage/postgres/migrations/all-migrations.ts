import { initial } from './001-initial.sql.js';
import type { SchemaMigration } from './schema-migration.js';

/** Every migration of this version of the package, oldest first. */
export const allMigrations: readonly SchemaMigration[] = [initial];

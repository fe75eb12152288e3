import type { SchemaManager } from '../../storage/contract/schema-manager.contract.js';
import type { DatabaseSurvey } from '../../storage/contract/database-survey.contract.js';
import { PostgresDatabaseSurvey } from '../../storage/postgres/postgres-database-survey.js';
import { PostgresSchemaManager } from '../../storage/postgres/schema-manager.js';
import type { DatabaseAddress } from './connection-options.js';
import { connectionConfig } from '../../storage/postgres/connection/driver-options.js';

export interface OpenDatabase {
  readonly schema: SchemaManager;
  readonly survey: DatabaseSurvey;
  close(): Promise<void>;
}

/** The database without any module: for what has to work before a module can start. Connects at the first question. */
export function openDatabase({ url, schema }: DatabaseAddress): OpenDatabase {
  const config = connectionConfig(url);
  const survey = new PostgresDatabaseSurvey(config, schema);
  return { survey, schema: new PostgresSchemaManager(config, { schema }), close: () => survey.close() };
}

import type { DataSource, EntityMetadata } from 'typeorm';
import { EntitiesMissingError, InvalidNameError } from '../../../errors/index.js';
import { durableEntities } from './durable-entities.js';

/**
 * Makes sure that the application's DataSource knows every entity of the package.
 *
 * @param name the DataSource's name in the application, for the error; undefined for the default one.
 * @throws EntitiesMissingError
 */
export function assertEntities(dataSource: DataSource, name?: string): void {
  const missing = durableEntities.filter((entity) => !dataSource.hasMetadata(entity)).map((entity) => entity.name);
  if (missing.length > 0) throw new EntitiesMissingError(name, missing);
}

/**
 * Points the entities of one initialised DataSource at the tables of a schema. Decorators are evaluated once a process
 * and always say `durable`; a DataSource keeps metadata of its own, so two applications in one process may differ. The
 * table's name is set too, because the DataSource's `entityPrefix` must not rename it.
 *
 * @throws InvalidNameError when the schema has a dot: TypeORM takes a table's path apart at dots.
 */
export function useSchema(dataSource: DataSource, schema: string): void {
  if (schema.includes('.')) throw new InvalidNameError('schema name', schema, 'TypeORM cannot address one with a dot');
  for (const entity of durableEntities) pointAt(dataSource, dataSource.getMetadata(entity), schema);
}

function pointAt(dataSource: DataSource, metadata: EntityMetadata, schema: string): void {
  const table = metadata.givenTableName ?? metadata.tableName;
  metadata.schema = schema;
  metadata.tableName = table;
  metadata.tableNameWithoutPrefix = table;
  metadata.tablePath = dataSource.driver.buildTableName(table, schema, metadata.database);
}

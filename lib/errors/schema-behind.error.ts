import { DurableError } from './durable.error.js';

/** The database lacks migrations of this version of the package, and `migrate` is off. */
export class SchemaBehindError extends DurableError {
  static override readonly code: string = 'DURABLE_SCHEMA_BEHIND';

  constructor(
    readonly schema: string,
    readonly pending: readonly string[],
  ) {
    super(SchemaBehindError.code, describe(schema, pending));
  }
}

function describe(schema: string, pending: readonly string[]): string {
  return (
    `Schema "${schema}" lacks ${pending.length === 1 ? 'the migration' : 'the migrations'} ${pending.join(', ')}. ` +
    'Do one of three: set the module option migrate: true; run the SQL of durableMigrationSql() with your own tool; ' +
    "or add the class DurableMigration to the application's TypeORM migrations and run them."
  );
}

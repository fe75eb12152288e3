import { DurableError } from './durable.error.js';

/** The database, or the way to it, cannot carry the engine. */
export class DatabaseUnsupportedError extends DurableError {
  static override readonly code: string = 'DURABLE_DATABASE_UNSUPPORTED';

  constructor(
    /** E.g. `PostgreSQL 11 is too old`. */
    readonly what: string,
    readonly fix: string,
  ) {
    super(DatabaseUnsupportedError.code, `nest-durable cannot use this database: ${what}. ${fix}.`);
  }
}

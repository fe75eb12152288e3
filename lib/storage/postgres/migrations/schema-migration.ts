/** One append-only change of the schema. Once released, nothing of it ever changes. */
export interface SchemaMigration {
  /** `<number>-<what>`; recorded in the schema's `migration` table. */
  readonly name: string;
  /** Milliseconds since 1970 when it was written: TypeORM orders migrations by a timestamp in their names. */
  readonly timestamp: number;
  /** The statements for a schema, given as an already quoted identifier. */
  readonly sql: (schema: string) => string;
  /** The statements that take the change back, with the data that it made room for. */
  readonly undo: (schema: string) => string;
}

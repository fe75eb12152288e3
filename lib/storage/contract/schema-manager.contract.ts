/** Brings the database schema to what this version of the package needs. */
export interface SchemaManager {
  /** Applies missing migrations under an advisory lock, each in a transaction; many processes may call it at once. */
  migrate(): Promise<readonly string[]>;
  /** Names of the migrations that the database lacks, oldest first. */
  pending(): Promise<readonly string[]>;
}

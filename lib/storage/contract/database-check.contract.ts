/** Finds out, before anything is written, whether the database and the way to it can carry the engine. */
export interface DatabaseCheck {
  /**
   * @returns warnings for the log: what the database cannot promise although the engine goes on.
   * @throws DatabaseUnsupportedError when it cannot go on; its message says what to set.
   * @throws StoreUnavailableError when the database cannot be reached.
   */
  run(options: {
    /** A database that may lose what it committed is warned of instead of refused. */
    readonly allowUnsafeDurability: boolean;
  }): Promise<readonly string[]>;
}

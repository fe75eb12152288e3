/**
 * Where PostgreSQL quotes the data of a statement in an error: `detail` has the failing row, `where` the JSON text.
 * The server's own log keeps them for whoever may read that.
 */
const QUOTING_FIELDS = ['detail', 'where', 'internalQuery'] as const;

/**
 * Takes the data out of an error of the driver, which an application may log, or a run store, with all of its fields. The
 * constraint, table and column that it names stay.
 *
 * @returns the same error.
 */
export function withoutValues<E>(error: E): E {
  if (typeof error !== 'object' || error === null) return error;
  for (const field of QUOTING_FIELDS) {
    if (field in error) (error as Record<string, unknown>)[field] = undefined;
  }
  return error;
}

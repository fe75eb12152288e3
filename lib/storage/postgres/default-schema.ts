/** The schema that entities and scripts name where nobody names another; the module's `schema` option has this default. */
export const DEFAULT_SCHEMA = 'durable';

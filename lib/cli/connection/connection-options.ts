import { assertSchemaName } from '../../common/names.js';
import { CliError } from '../cli.error.js';
import type { CliIo } from '../cli-io.interface.js';

/** The options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly schema?: string;
  readonly app?: string;
  readonly json?: boolean;
  /** commander's `--no-color`. */
  readonly color: boolean;
}

export interface DatabaseAddress {
  readonly url: string;
  readonly schema: string;
}

const DEFAULT_SCHEMA = 'durable';

/**
 * The database that the options name.
 *
 * @throws CliError when there is none, or when it is no address of a PostgreSQL.
 */
export function databaseOf(options: GlobalOptions, io: CliIo): DatabaseAddress {
  const url = options.url ?? io.env.DATABASE_URL;
  if (!url) throw CliError.usage('No database: set DATABASE_URL, or say --url postgres://user@host/database.');
  // The address itself is not shown: it may hold a password.
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(withOneHost(url))) {
    const source = options.url === undefined ? 'DATABASE_URL' : '--url';
    throw CliError.usage(
      `${source} is no address of a PostgreSQL: it looks like postgres://user:password@host:5432/database.`,
    );
  }
  const schema = options.schema ?? DEFAULT_SCHEMA;
  assertSchemaName(schema);
  return { url, schema };
}

/** Several hosts with commas, as libpq has them, are none for a URL; what stands around them has to be right all the same. */
function withOneHost(url: string): string {
  return url.replace(/,[^/?]*/, '');
}

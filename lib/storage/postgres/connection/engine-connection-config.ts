import type { ClientConfig } from 'pg';
import type { DataSource } from 'typeorm';

/** How the engine's own connections reach the database. */
export type EngineConnectionConfig = ClientConfig;

/** What TypeORM's PostgreSQL driver reads from its options. */
interface Credentials {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string | (() => string | Promise<string>);
  readonly database?: string;
  readonly ssl?: ClientConfig['ssl'];
}

interface DriverOptions extends Credentials {
  readonly type: string;
  readonly connectTimeoutMS?: number;
  readonly replication?: { readonly master: Credentials };
  readonly extra?: Readonly<Record<string, unknown>>;
}

/**
 * Options of the application's pool that must not reach a connection of the engine: `pg-pool`'s own, and those that the
 * engine decides itself.
 */
const POOL_ONLY = new Set([
  'Client',
  'Promise',
  'allowExitOnIdle',
  'application_name',
  'binary',
  'idleTimeoutMillis',
  'idle_in_transaction_session_timeout',
  'log',
  'max',
  'maxLifetimeSeconds',
  'maxUses',
  'min',
  'onConnect',
  'pipeline',
  'query_timeout',
  'statement_timeout',
  'types',
  'verify',
]);

/**
 * Connection settings for the engine, read from the application's DataSource the way TypeORM's own driver reads them:
 * `url` or the single fields, functions as passwords, `ssl`, `replication.master`, and `extra` over all of them.
 * Undefined fields fall back to the `PG*` environment variables in the driver.
 */
export function engineConnectionConfig(dataSource: Pick<DataSource, 'options'>): EngineConnectionConfig {
  const options = dataSource.options as unknown as DriverOptions;
  const credentials = options.replication?.master ?? options;
  const extra = Object.entries(options.extra ?? {}).filter(([key]) => !POOL_ONLY.has(key));
  return {
    connectionString: credentials.url,
    host: credentials.host,
    port: credentials.port,
    user: credentials.username,
    password: credentials.password,
    database: credentials.database,
    ssl: credentials.ssl,
    connectionTimeoutMillis: options.connectTimeoutMS,
    ...(Object.fromEntries(extra) as ClientConfig),
  };
}

/** Every password that the DataSource's options hold as text, so that no log shows one. */
export function passwordsOf(dataSource: Pick<DataSource, 'options'>): readonly string[] {
  const options = dataSource.options as unknown as DriverOptions;
  const { extra } = options;
  return [options, options.replication?.master, extra as Credentials | undefined].flatMap((credentials) => [
    ...(typeof credentials?.password === 'string' ? [credentials.password] : []),
    ...(typeof credentials?.url === 'string' ? passwordsIn(credentials.url) : []),
  ]);
}

/** As it stands in the address, and as it is meant. */
function passwordsIn(url: string): string[] {
  const password = /^[^:]+:\/\/[^:@/]*:(.*)@[^@]*$/.exec(url)?.[1] ?? '';
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

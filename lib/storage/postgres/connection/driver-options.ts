import type { EngineConnectionConfig } from './engine-connection-config.js';
import { multiHost } from './multi-host.js';

/** A host that drops packets is given up; connecting to one that lives takes milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** An address as the DataSource of a module takes it. */
export interface DriverOptions {
  readonly type: 'postgres';
  readonly url: string;
  readonly connectTimeoutMS: number;
  readonly extra?: ReturnType<typeof multiHost>['extra'];
}

/** @param url with one host, or with several as libpq has them: then the one that takes writes is found. */
export function driverOptions(url: string): DriverOptions {
  const several = /^[^/]+:\/\/[^/?]*,/.test(url);
  return { ...(several ? multiHost(url) : { type: 'postgres', url }), connectTimeoutMS: CONNECT_TIMEOUT_MS };
}

/** The same for a connection of its own. */
export function connectionConfig(url: string): EngineConnectionConfig {
  const { url: connectionString, connectTimeoutMS, extra } = driverOptions(url);
  return { connectionString, connectionTimeoutMillis: connectTimeoutMS, ...extra };
}

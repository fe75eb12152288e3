import type { Socket } from 'node:net';
import { HostListSocket } from './host-list-socket.js';
import { parseHostList } from './host-list.js';

/** The part of a TypeORM DataSource's options that says where the database is. */
export interface MultiHostOptions {
  readonly type: 'postgres';
  /** The first of the servers; which one a connection goes to is found out when it is opened. */
  readonly url: string;
  readonly extra: { readonly stream: () => Socket };
}

/**
 * Makes the application's pool and the engine find the primary among several servers, as libpq does with an address that
 * names more than one; the driver for Node and TypeORM know one host only.
 *
 * Each new connection asks all servers and goes to the one that takes writes. Connections to a server that died or became
 * a standby are closed and opened again, so work goes on by itself after a failover. With TLS, certificates are checked
 * against the name of the first host.
 *
 * @param url `postgres://user:password@a,b:5433/database?target_session_attrs=read-write`
 * @throws InvalidOptionError when the address has another form.
 *
 * @example
 * ```ts
 * TypeOrmModule.forRoot({ ...multiHost(process.env.DATABASE_URL!), autoLoadEntities: true });
 * ```
 */
export function multiHost(url: string): MultiHostOptions {
  const hosts = parseHostList(url);
  return { type: 'postgres', url: hosts[0].url, extra: { stream: () => new HostListSocket(hosts) } };
}

import { Socket } from 'node:net';
import { Client } from 'pg';
import type { ListedHost } from './host-list.js';

/** A server that is there answers in milliseconds; all are asked at once, so a silent one holds up nobody. */
const ASK_TIMEOUT_MS = 2_000;

/**
 * A socket that connects to whichever of several servers takes writes, whatever address it is told to connect to.
 *
 * Each connection asks all servers anew, on connections of their own that are closed again: after a failover the primary
 * is found without anybody being told.
 */
export class HostListSocket extends Socket {
  constructor(private readonly hosts: readonly ListedHost[]) {
    super();
  }

  override connect(): this {
    const found = Promise.any(this.hosts.map((host) => assertWritable(host)));
    found.then(
      ({ host, port }) => {
        if (!this.destroyed) super.connect(port, host);
      },
      ({ errors }: AggregateError) => this.destroy(noPrimary(errors as Error[])),
    );
    return this;
  }
}

async function assertWritable(host: ListedHost): Promise<ListedHost> {
  const client = new Client({
    connectionString: host.url,
    connectionTimeoutMillis: ASK_TIMEOUT_MS,
    query_timeout: ASK_TIMEOUT_MS,
    application_name: 'nest-durable:find-primary',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
    if (rows[0].standby) throw new Error('it is a standby');
    return host;
  } catch (error) {
    throw new Error(`${host.name}: ${(error as Error).message || (error as { code?: string }).code}`);
  } finally {
    // It answers nobody any more, so nobody waits for its goodbye.
    client.end().catch(() => undefined);
  }
}

/** With the code of a host that cannot be reached: a failover that is under way ends. */
function noPrimary(errors: readonly Error[]): Error {
  const reasons = errors.map(({ message }) => message).join('; ');
  return Object.assign(new Error(`no server of the list takes writes (${reasons})`), { code: 'EHOSTUNREACH' });
}

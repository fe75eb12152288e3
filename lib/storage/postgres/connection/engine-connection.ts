import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from 'pg';
import type { EngineConnectionConfig } from './engine-connection-config.js';
import { engineTypes } from './engine-types.js';

/** A connection and what it goes over, which can be cut when the driver waits for a server that does not answer. */
export interface EngineConnection {
  readonly client: Client;
  readonly socket: Duplex;
}

/** Half of what a lease of 15 s leaves between two renewals; where the DataSource says nothing. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Dead peers are noticed by the kernel; shorter than what cloud load balancers allow an idle connection. */
const KEEP_ALIVE_DELAY_MS = 30_000;

/** A connection that is not established yet. */
export function newConnection(config: EngineConnectionConfig): EngineConnection {
  const socket = config.stream?.() ?? new Socket();
  const client = new Client({
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    ...withoutUndefined(config),
    stream: () => socket,
    types: engineTypes,
  });
  return { client, socket };
}

/** Keys that are set to undefined would hide the defaults before them. */
function withoutUndefined<T extends object>(config: T): Partial<T> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as Partial<T>;
}

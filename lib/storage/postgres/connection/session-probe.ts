import type { Client } from 'pg';
import type { EngineConnectionConfig } from './engine-connection-config.js';
import { newConnection, type EngineConnection } from './engine-connection.js';
import type { SpareConnections } from './spare-connections.js';

/** What stands between this process and the server, as far as sessions go. */
export type SessionKind = 'own' | 'shared by transactions' | 'shared by statements';

/**
 * Looks at the pair of connections. A pooler with an idle server hands it out at once, so the first look usually tells;
 * under the traffic of other clients it may take a few. More would only make every start slower.
 */
const LOOKS = 5;

/** The text of PgBouncer, and of those made after it, for a BEGIN in statement mode. */
const STATEMENT_POOLING = /statement pooling/i;

/** A pooler with a single server for everybody makes the second connection wait for the first one's transaction. */
const STARVED_MS = 1_000;

/** None of the questions takes the server a moment; one that hangs is asked again on new connections. */
const QUERY_TIMEOUT_MS = 10_000;

/**
 * Says to whom the sessions of a database's connections belong, and what is set in them.
 *
 * Two connections on which nothing is set, so that those who share a server with us find it as it was.
 *
 * A connection is a session of its own when its statements always run in the same server process and nobody else's do: a
 * pooler in transaction mode gives the process away between two statements, to the other connection if there is no other
 * taker. Locks, LISTEN, prepared statements and settings of the engine all live in sessions.
 */
export class SessionProbe {
  private readonly first: Client;
  private readonly second: Client;

  private constructor(private readonly connections: readonly [EngineConnection, EngineConnection]) {
    [this.first, this.second] = connections.map(({ client }) => client);
    // A connection that breaks while nothing runs on it reports that as an event, which kills the process unheard.
    for (const { client } of connections) client.on('error', () => undefined);
  }

  static async open(config: EngineConnectionConfig): Promise<SessionProbe> {
    const settings = { ...config, application_name: 'nest-durable:check', query_timeout: QUERY_TIMEOUT_MS };
    const probe = new SessionProbe([newConnection(settings), newConnection(settings)]);
    try {
      await probe.first.connect();
      await probe.second.connect();
      return probe;
    } catch (error) {
      await probe.close();
      throw error;
    }
  }

  /** What the server says of these settings in this session; empty where it does not know one. */
  async settings(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const text = 'select name, current_setting(name, true) as value from unnest($1::text[]) as name';
    const { rows } = await this.first.query<{ name: string; value: string | null }>(text, [names]);
    return new Map(rows.map(({ name, value }) => [name, value ?? '']));
  }

  /** Whether the server is a standby, which takes no writes until it is promoted. */
  async isStandby(): Promise<boolean> {
    const { rows } = await this.first.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
    return rows[0].standby;
  }

  async sessions(): Promise<SessionKind> {
    try {
      const own = await backendOf(this.first);
      for (let look = 0; look < LOOKS; look++) {
        if (!(await this.standsApart(own))) return 'shared by transactions';
      }
      return 'own';
    } catch (error) {
      if (error instanceof Error && STATEMENT_POOLING.test(error.message)) return 'shared by statements';
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.first, this.second].map((client) => client.end().catch(() => undefined)));
  }

  /** Instead of closing: they are as they were when they were opened. */
  async release(spares: SpareConnections): Promise<void> {
    await Promise.all(this.connections.map((connection) => spares.keep(connection)));
  }

  /** The second connection keeps its server process in a transaction while the first one is asked for its own. */
  private async standsApart(own: number): Promise<boolean> {
    await this.second.query('begin');
    try {
      if ((await backendOf(this.second)) === own) return false;
      return (await this.answers()) === own;
    } finally {
      await this.second.query('rollback');
    }
  }

  private async answers(): Promise<number | null> {
    let timer: NodeJS.Timeout | undefined;
    const starved = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, STARVED_MS, null);
    });
    const answer = backendOf(this.first);
    answer.catch(() => undefined);
    const found = await Promise.race([answer, starved]);
    clearTimeout(timer);
    // A slow server answers late, a starved connection only once the other has let go.
    if (found === null) await this.second.query('rollback');
    return found ?? answer;
  }
}

async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0].pid;
}

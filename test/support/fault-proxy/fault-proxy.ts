import { once } from 'node:events';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import type { AwaitedCut, Cut } from './cut.js';
import { ProxiedConnection } from './proxied-connection.js';

/** Chooses connections: those of an application, by the beginning of its name, or all. */
export type Whose = string | null;

/**
 * A way to the database on which everything can go wrong that goes wrong with networks. Faults hit connections that there
 * are and, where they last, those that are opened meanwhile. Each fault is taken back by the function that it returns.
 */
export class FaultProxy {
  /** Connections that were turned away, by {@link refuse}. */
  refused = 0;
  private readonly connections = new Set<ProxiedConnection>();
  private cut: Cut | null = null;
  private refusing: { readonly whose: Whose } | null = null;
  private holding: { readonly whose: Whose } | null = null;
  private latencyMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  static async to(url: string): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(server, new URL(url));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  /** The database's address by this way. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** The applications of the connections that there are, one entry each. */
  get applications(): string[] {
    return [...this.connections].map(({ application }) => application);
  }

  /**
   * The connection that sends this text next ends before the database hears it, or after the database has done what it
   * says and before the answer passes.
   *
   * @param text one that stands in no other statement: `COMMIT` does in `BEGIN … READ COMMITTED`, `COMMIT\0` does not.
   */
  cutAt(text: string, moment: 'before' | 'after'): AwaitedCut {
    return this.await({ text, moment, leaves: 'end' });
  }

  /** As {@link cutAt}, but the connection stays open, and nothing passes on it any more. */
  stallAt(text: string, moment: 'before' | 'after'): AwaitedCut {
    return this.await({ text, moment, leaves: 'silence' });
  }

  /** The server ends the next connection that sends this text with the packet in which it says that it is ready. */
  endWhenReady(text: string): AwaitedCut {
    return this.await({ text, moment: 'with-answer', leaves: 'end' });
  }

  /** Connections end at once, with a reset rather than a farewell. */
  reset(whose: Whose = null): number {
    const hit = this.those(whose);
    for (const connection of hit) connection.reset();
    return hit.length;
  }

  /** Connections end, and new ones are refused: a partition that is noticed. */
  refuse(whose: Whose = null): () => void {
    const fault = { whose };
    this.refusing = fault;
    this.reset(whose);
    return () => {
      if (this.refusing === fault) this.refusing = null;
    };
  }

  /** Nothing passes any more in either direction, and nobody is told. What was held passes on when the hole closes. */
  blackHole(whose: Whose = null): () => void {
    const fault = { whose };
    this.holding = fault;
    for (const connection of this.those(whose)) connection.hold();
    return () => {
      if (this.holding === fault) this.holding = null;
      for (const connection of this.connections) connection.release();
    };
  }

  /** The server's side is gone and the client believes that it is connected, as after a failover of a router. */
  halfOpen(whose: Whose = null): () => void {
    const hit = this.those(whose);
    for (const connection of hit) connection.halfOpen();
    return () => hit.forEach((connection) => connection.reset());
  }

  /** Everything takes this much longer, each way. */
  slowDown(ms: number): () => void {
    this.latencyMs = ms;
    return () => {
      if (this.latencyMs === ms) this.latencyMs = 0;
    };
  }

  async end(): Promise<void> {
    this.refusing = { whose: null };
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  private await({ text, moment, leaves }: Pick<Cut, 'moment' | 'leaves'> & { readonly text: string }): AwaitedCut {
    this.cut?.done(false);
    let done!: Cut['done'];
    const happened = new Promise<boolean>((resolve) => (done = resolve));
    const cut = { pattern: Buffer.from(text), moment, leaves, done };
    this.cut = cut;
    return {
      happened,
      giveUp: () => {
        if (this.cut === cut) this.cut = null;
        done(false);
      },
    };
  }

  private those(whose: Whose): ProxiedConnection[] {
    return [...this.connections].filter((connection) => isOf(connection, whose));
  }

  private accept(client: Socket): void {
    if (this.refusing?.whose === null) {
      this.refused += 1;
      client.destroy();
      return;
    }
    const server = connect(Number(this.target.port || 5432), this.target.hostname);
    const connection: ProxiedConnection = new ProxiedConnection(client, server, {
      latencyMs: () => this.latencyMs,
      named: () => {
        if (this.refusing && isOf(connection, this.refusing.whose)) {
          this.refused += 1;
          connection.reset();
        } else if (this.holding && isOf(connection, this.holding.whose)) connection.hold();
      },
      cutFor: (sent) => this.cutFor(sent),
      ended: () => this.connections.delete(connection),
    });
    this.connections.add(connection);
    if (this.holding?.whose === null) connection.hold();
  }

  private cutFor(sent: Buffer): Cut | null {
    const { cut } = this;
    if (!cut || !sent.includes(cut.pattern)) return null;
    this.cut = null;
    return cut;
  }
}

function isOf({ application }: ProxiedConnection, whose: Whose): boolean {
  return whose === null || application.startsWith(whose);
}

import { settledWithin } from '../../../common/settled-within.js';
import type { EngineConnection } from './engine-connection.js';

/** What close() waits for the server's goodbye; then the socket is cut. */
const CLOSE_GRACE_MS = 1_000;

/**
 * Connections of the engine that somebody was done with, for the next who needs one: opening one costs the server a process.
 * Whoever takes one sets all of its settings anew. `close` may be called at any time and twice; what is kept after it is closed.
 */
export class SpareConnections {
  private readonly spares = new Set<EngineConnection>();
  private closed = false;

  /** @param connection an established one, on which nothing runs. */
  async keep(connection: EngineConnection): Promise<void> {
    const { client } = connection;
    // One that breaks while nothing runs on it reports that as an event, which kills the process unheard.
    for (const event of ['error', 'end'] as const) client.on(event, () => this.spares.delete(connection));
    this.spares.add(connection);
    if (this.closed) await this.close();
  }

  take(): EngineConnection | undefined {
    const [spare] = this.spares;
    if (spare) this.spares.delete(spare);
    return spare;
  }

  async close(): Promise<void> {
    this.closed = true;
    const spares = [...this.spares];
    this.spares.clear();
    await Promise.all(
      spares.map(async ({ client, socket }) => {
        await settledWithin(client.end(), CLOSE_GRACE_MS);
        socket.destroy();
      }),
    );
  }
}

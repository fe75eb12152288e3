import type { EngineClient } from './engine-client.js';

/**
 * The connections of the checkpoint lanes, which write one batch at a time each.
 *
 * A batch takes the first connection that is free, whichever lane used it before: a lane sends a batch only once the one before
 * it is settled, so the order of a run's checkpoints does not hang on connections. The second is opened under load only, and a
 * worker that has little to do is served by one session of the server, whose caches stay warm. The endings of children wait for
 * the rows of others and have a connection of their own.
 */
export class CheckpointConnections {
  private readonly busy = new Set<EngineClient>();

  constructor(
    private readonly shared: readonly EngineClient[],
    private readonly family: EngineClient,
  ) {}

  /** How many batches are written at a time, beside the endings of children. */
  get lanes(): number {
    return this.shared.length;
  }

  /** @param lane number `lanes` is that of the endings of children. */
  async use<T>(lane: number, work: (client: EngineClient) => Promise<T>): Promise<T> {
    if (lane === this.lanes) return work(this.family);
    const client = this.shared.find((each) => !this.busy.has(each)) ?? this.shared[lane];
    this.busy.add(client);
    try {
      return await work(client);
    } finally {
      this.busy.delete(client);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.shared, this.family].map((client) => client.close()));
  }
}

import type { CheckpointKind } from '../../contract/run-store.contract.js';
import type { EngineClient } from './engine-client.js';

/**
 * The connections on which checkpoints are written, a batch at a time each.
 *
 * A batch takes the first connection that is free: whoever sends it sees to the order of a run's checkpoints. The second is
 * opened when two batches are in flight, and a worker that has little to do is served by one session of the server, whose
 * caches stay warm: its starts take it too. The endings of children wait for the rows of others and have a connection of their own.
 */
export class CheckpointConnections {
  readonly lanes: Readonly<Record<CheckpointKind, number>>;
  private readonly busy = new Set<EngineClient>();

  constructor(
    private readonly shared: readonly EngineClient[],
    private readonly family: EngineClient,
  ) {
    this.lanes = { own: shared.length, family: 1 };
  }

  async use<T>(kind: CheckpointKind, work: (client: EngineClient) => Promise<T>): Promise<T> {
    if (kind === 'family') return work(this.family);
    return this.occupy(this.shared.find((each) => !this.busy.has(each)) ?? this.shared[0], work);
  }

  /**
   * For the start of a run that goes on here: its checkpoints come next, on the same session.
   *
   * @returns `null` while a batch is in flight.
   */
  useIfIdle<T>(work: (client: EngineClient) => Promise<T>): Promise<T> | null {
    return this.busy.size === 0 ? this.occupy(this.shared[0], work) : null;
  }

  private async occupy<T>(client: EngineClient, work: (client: EngineClient) => Promise<T>): Promise<T> {
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

import { describe, expect, it } from '@jest/globals';
import { Deferred } from '../../../lib/common/deferred.js';
import { CheckpointConnections } from '../../../lib/storage/postgres/connection/checkpoint-connections.js';
import type { EngineClient } from '../../../lib/storage/postgres/connection/engine-client.js';

const [first, second, family] = ['first', 'second', 'family'] as unknown as EngineClient[];

/** A batch that is being written until it is settled. */
class Batch {
  readonly done = new Deferred();
  written: Promise<EngineClient>;

  constructor(connections: CheckpointConnections, lane: number) {
    this.written = connections.use(lane, async (client) => {
      await this.done.promise;
      return client;
    });
  }

  async settle(): Promise<EngineClient> {
    this.done.resolve();
    return this.written;
  }
}

describe('CheckpointConnections', () => {
  it('gives every lane the first connection while no other lane writes', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const used = [];
    for (const lane of [1, 0, 1, 1]) used.push(await new Batch(connections, lane).settle());
    expect(used).toEqual([first, first, first, first]);
  });

  it('gives two lanes that write at a time a connection each, and the first again to whoever comes next', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const [one, zero] = [new Batch(connections, 1), new Batch(connections, 0)];
    expect([await one.settle(), await zero.settle()]).toEqual([first, second]);
    expect(await new Batch(connections, 1).settle()).toBe(first);
  });

  it('frees a connection whose batch failed', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const failed = new Batch(connections, 0);
    failed.done.reject(new Error('the connection broke'));
    await expect(failed.written).rejects.toThrow('the connection broke');
    expect(await new Batch(connections, 1).settle()).toBe(first);
  });

  it('keeps the last for the endings of children', async () => {
    const connections = new CheckpointConnections([first, second], family);
    expect(connections.lanes).toBe(2);
    expect(await new Batch(connections, connections.lanes).settle()).toBe(family);
  });
});

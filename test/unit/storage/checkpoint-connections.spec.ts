import { describe, expect, it } from '@jest/globals';
import { Deferred } from '../../../lib/common/deferred.js';
import { CheckpointConnections } from '../../../lib/storage/postgres/connection/checkpoint-connections.js';
import type { EngineClient } from '../../../lib/storage/postgres/connection/engine-client.js';

const [first, second, family] = ['first', 'second', 'family'] as unknown as EngineClient[];

/** A batch that is being written until it is settled. */
class Batch {
  readonly done = new Deferred();
  written: Promise<EngineClient>;

  constructor(connections: CheckpointConnections, kind: 'own' | 'family' = 'own') {
    this.written = connections.use(kind, async (client) => {
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
  it('gives a batch the first connection while no other is in flight', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const used = [];
    for (let batches = 0; batches < 3; batches++) used.push(await new Batch(connections).settle());
    expect(used).toEqual([first, first, first]);
  });

  it('gives two batches at a time a connection each, and the first again to whatever comes next', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const [one, other] = [new Batch(connections), new Batch(connections)];
    expect([await one.settle(), await other.settle()]).toEqual([first, second]);
    expect(await new Batch(connections).settle()).toBe(first);
  });

  it('frees a connection whose batch failed', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const failed = new Batch(connections);
    failed.done.reject(new Error('the connection broke'));
    await expect(failed.written).rejects.toThrow('the connection broke');
    expect(await new Batch(connections).settle()).toBe(first);
  });

  it('gives a start the first connection while no batch is in flight, and none beside one', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const begin = (): Promise<EngineClient> | null => connections.useIfIdle((client) => Promise.resolve(client));
    expect(await begin()).toBe(first);

    const batch = new Batch(connections);
    expect(begin()).toBeNull();
    await batch.settle();
    expect(await begin()).toBe(first);
  });

  it('gives a batch the second connection while a start is on the first', async () => {
    const connections = new CheckpointConnections([first, second], family);
    const start = new Deferred();
    const begun = connections.useIfIdle(() => start.promise);
    expect(await new Batch(connections).settle()).toBe(second);
    start.resolve();
    await begun;
    expect(await new Batch(connections).settle()).toBe(first);
  });

  it('keeps the last for the endings of children', async () => {
    const connections = new CheckpointConnections([first, second], family);
    expect(connections.lanes).toEqual({ own: 2, family: 1 });
    expect(await new Batch(connections, 'family').settle()).toBe(family);
  });
});

// Covers what the writer does with checkpoints that meet a locked row. Batches, order and errors of the database are those
// of the group commit; what a checkpoint writes is tested on a real PostgreSQL.
import { SystemClock } from '../../../lib/common/clock.js';
import { CheckpointWriter } from '../../../lib/engine/journal/checkpoint-writer.js';
import type { Checkpoint, CheckpointOutcome } from '../../../lib/storage/contract/records.js';
import type { RunStore } from '../../../lib/storage/contract/run-store.contract.js';

const CHECKPOINT: Checkpoint = {
  runId: '01890000-0000-7000-8000-000000000001',
  epoch: 1,
  seen: 0,
  journal: [],
  attempts: [],
  move: null,
  progress: [],
  children: [],
  consumed: [],
  parentId: null,
};
const COMMITTED: CheckpointOutcome = { outcome: 'committed', wakeups: 0, cancel: null, paused: false };

/** A store with one lane that answers as told, and says when it was asked. */
function storeThat(answer: (asked: number) => CheckpointOutcome): { store: RunStore; asked: () => number } {
  let asked = 0;
  const store: Pick<RunStore, 'lanes' | 'checkpoint' | 'errorClass'> = {
    lanes: { own: 1, family: 1 },
    checkpoint: async (_, batch) => {
      asked++;
      return batch.map(() => answer(asked));
    },
    errorClass: () => 'transient',
  };
  return { store: store as RunStore, asked: () => asked };
}

describe('a checkpoint whose row another transaction holds', () => {
  it('is tried again until the row is free', async () => {
    const { store, asked } = storeThat((times) => (times < 4 ? { outcome: 'busy' } : COMMITTED));
    const writer = new CheckpointWriter(store, new SystemClock(), () => undefined);

    await expect(writer.write(CHECKPOINT)).resolves.toEqual(COMMITTED);
    expect(asked()).toBe(4);
  });

  it('is not tried again once the writer was told to give everything up', async () => {
    const lapsed = new Error('the lease is gone');
    const { store, asked } = storeThat((times) => {
      if (times === 3) queueMicrotask(() => writer.abandon(lapsed));
      return { outcome: 'busy' };
    });
    const writer = new CheckpointWriter(store, new SystemClock(), () => undefined);

    await expect(writer.write(CHECKPOINT)).rejects.toBe(lapsed);
    expect(asked()).toBe(3);
  });

  it('does not keep later checkpoints from being written after that', async () => {
    const { store } = storeThat(() => COMMITTED);
    const writer = new CheckpointWriter(store, new SystemClock(), () => undefined);
    writer.abandon(new Error('an earlier lease is gone'));

    await expect(writer.write(CHECKPOINT)).resolves.toEqual(COMMITTED);
  });
});

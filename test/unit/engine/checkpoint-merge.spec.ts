// Covers: checkpoints of one run that wait for the same batch. Rows that are locked: checkpoint-writer.spec.ts.
import { SystemClock } from '../../../lib/common/clock.js';
import { CheckpointRejectedError } from '../../../lib/errors/index.js';
import { CheckpointWriter } from '../../../lib/engine/journal/checkpoint-writer.js';
import { nodeDone, storeProgress } from '../../../lib/engine/execution/transition.js';
import type { Checkpoint, CheckpointOutcome } from '../../../lib/storage/contract/records.js';
import type { RunStore, StoreErrorClass } from '../../../lib/storage/contract/run-store.contract.js';
import { session } from './run-session.fixture.js';

const COMMITTED: CheckpointOutcome = { outcome: 'committed', wakeups: 0, cancel: null, paused: false };
const entry = { key: 'one', kind: 'step', result: '1', attempt: 1, position: 0, durationMs: 1 } as const;

function writerOf(refused: (checkpoint: Checkpoint) => boolean = () => false) {
  const batches: (readonly Checkpoint[])[] = [];
  const store = {
    lanes: 1,
    checkpoint: (_: number, batch: readonly Checkpoint[]) => {
      batches.push(batch);
      if (batch.some(refused)) return Promise.reject(new Error('refused'));
      return Promise.resolve(batch.map(() => COMMITTED));
    },
    errorClass: (): StoreErrorClass => 'rejected',
  } as unknown as RunStore;
  return { writer: new CheckpointWriter(store, new SystemClock(), () => undefined), batches };
}

it('become one, the later progress and the move of either', async () => {
  const { writer, batches } = writerOf();
  const run = session();

  await Promise.all([
    writer.write(storeProgress(run, [{ key: 'one', value: '1' }])),
    writer.write(storeProgress(run, [{ key: 'one', value: '2' }])),
    writer.write(nodeDone(run, [entry], false)),
    writer.write(storeProgress(run, [{ key: 'two', value: '3' }])),
  ]);

  expect(batches).toHaveLength(1);
  expect(batches[0]).toEqual([
    expect.objectContaining({
      runId: run.id,
      journal: [entry],
      progress: [
        { key: 'one', value: '2' },
        { key: 'two', value: '3' },
      ],
      move: expect.objectContaining({ status: 'running', cursor: 1 }),
    }),
  ]);
});

it('of different claims stay apart', async () => {
  const { writer, batches } = writerOf();

  await Promise.all([1, 2].map((epoch) => writer.write(storeProgress(session({ epoch }), []))));

  expect(batches.flat().map(({ epoch }) => epoch)).toEqual([1, 2]);
});

it('of different runs are refused each for itself', async () => {
  const other = '01890000-0000-7000-8000-000000000002';
  const { writer } = writerOf(({ runId }) => runId === other);

  const good = writer.write(nodeDone(session(), [entry], false));
  const bad = writer.write(nodeDone(session({ id: other }), [entry], false));

  await expect(bad).rejects.toBeInstanceOf(CheckpointRejectedError);
  await expect(good).resolves.toEqual(COMMITTED);
  await writer.idle();
  expect(writer.isIdle).toBe(true);
});

import { freshRun } from '../../lib/engine/worker/fresh-run.js';
import type { Checkpoint, CheckpointOutcome, NewRun, StartOutcome } from '../../lib/storage/contract/records.js';
import type { RunStore } from '../../lib/storage/contract/run-store.contract.js';
import type { Storage } from '../../lib/storage/contract/storage.contract.js';
import type { WorkerStore } from '../../lib/storage/contract/worker-store.contract.js';

/** What a contract is asked for that a micro-benchmark has no use for. */
const unused = (): never => {
  throw new Error('the storage in memory only starts runs and writes checkpoints');
};

/**
 * Just enough of a storage for runs that are started here and go straight to their end: it answers at once, with what
 * PostgreSQL would, and keeps nothing but the epoch, and runs that came while no slot was free. What is measured on it is the engine.
 */
export function inMemoryStorage(): Storage {
  return {
    runs: runStore(),
    workers: workerStore(),
    admin: refusing('admin'),
    plans: { ...refusing('plans'), save: () => Promise.resolve(), release: () => Promise.resolve(0) },
    repair: refusing('repair'),
    vitals: {} as Storage['vitals'],
    inspector: refusing('inspector'),
    channel: { notify: () => undefined, subscribe: () => Promise.resolve(() => undefined), close: () => undefined },
    schema: { migrate: () => Promise.resolve([]), pending: () => Promise.resolve([]) },
    check: { run: () => Promise.resolve([]) },
    close: () => Promise.resolve(),
  };
}

function runStore(): RunStore {
  const epochs = new Map<string, number>();
  const pending: NewRun[] = [];
  const outcomeOf = ({ runId, epoch, move }: Checkpoint): CheckpointOutcome => {
    if (epochs.get(runId) !== epoch) return { outcome: 'lost' };
    if (move && !move.held) epochs.delete(runId);
    return { outcome: 'committed', wakeups: 0, cancel: null, paused: false };
  };
  const create = (run: NewRun): StartOutcome => {
    const { id, worker } = run;
    epochs.set(id, 1);
    if (worker === null) pending.push(run);
    return { id, created: true, status: worker === null ? 'pending' : 'running', existingInput: null };
  };
  return {
    ...refusing('runs'),
    lanes: { own: 2, family: 1 },
    insertRuns: (runs) => Promise.resolve(runs.map(create)),
    checkpoint: (_kind, batch) => Promise.resolve(batch.map(outcomeOf)),
    claim: ({ limit }) => {
      return Promise.resolve({ runs: pending.splice(0, limit).map(freshRun), nextDueInMs: null, now: new Date() });
    },
    pausedWorkflows: () => Promise.resolve([]),
    errorClass: () => 'permanent',
    plainResult: (returned) => returned,
  };
}

function workerStore(): WorkerStore {
  return {
    register: () => Promise.resolve(new Date()),
    renew: () => Promise.resolve(new Date()),
    unregister: () => Promise.resolve(0),
    provenAt: Infinity,
    sweep: () => Promise.resolve({ runs: 0, deadWorkers: [], queues: [] }),
  };
}

/** Every method of a contract throws, apart from those that are put over it. */
function refusing<K extends keyof Storage>(_contract: K): Storage[K] {
  return new Proxy({}, { get: () => unused }) as Storage[K];
}

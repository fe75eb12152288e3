/** The statements whose plans are looked at: statements.spec.ts. One object a kind, by what each is for. */
import type { NewRun } from '../../lib/storage/contract/records.js';
import type { RunFilter, SignalToSend } from '../../lib/storage/contract/run-admin.contract.js';
import { cancelPending, requestCancel } from '../../lib/storage/postgres/sql/cancel-run.sql.js';
import { beginRun } from '../../lib/storage/postgres/sql/begin-run.sql.js';
import { checkpointUnits } from '../../lib/storage/postgres/sql/checkpoint-units.sql.js';
import { checkpointRuns } from '../../lib/storage/postgres/sql/checkpoint.sql.js';
import { cancelChildren, childState, terminateChildren } from '../../lib/storage/postgres/sql/children.sql.js';
import { countDue } from '../../lib/storage/postgres/sql/count-due.sql.js';
import { countRuns } from '../../lib/storage/postgres/sql/count-runs.sql.js';
import { findEnded } from '../../lib/storage/postgres/sql/find-ended.sql.js';
import { findExistingRuns } from '../../lib/storage/postgres/sql/find-existing-runs.sql.js';
import { findRun } from '../../lib/storage/postgres/sql/find-run.sql.js';
import { insertRuns } from '../../lib/storage/postgres/sql/insert-runs.sql.js';
import { inspectRuns } from '../../lib/storage/postgres/sql/inspect-runs.sql.js';
import { journalUnit } from '../../lib/storage/postgres/sql/journal-unit.sql.js';
import { journalLastUnit } from '../../lib/storage/postgres/sql/last-unit.sql.js';
import { listAttempts, listJournal } from '../../lib/storage/postgres/sql/list-journal.sql.js';
import { listChildren, listRuns } from '../../lib/storage/postgres/sql/list-runs.sql.js';
import { loadFailures, loadJournal, loadProgress } from '../../lib/storage/postgres/sql/load-journal.sql.js';
import { lockForOrder } from '../../lib/storage/postgres/sql/order-run.sql.js';
import { nextSignal, sendSignal } from '../../lib/storage/postgres/sql/signals.sql.js';
import { purgeRuns } from '../../lib/storage/postgres/sql/purge-runs.sql.js';
import { settleCursors } from '../../lib/storage/postgres/sql/run-progress.sql.js';
import { findOrphaners, reclaimOrphans } from '../../lib/storage/postgres/sql/sweep-workers.sql.js';
import { wakeParents } from '../../lib/storage/postgres/sql/wake-parents.sql.js';
import { renewWorker, unregisterWorker } from '../../lib/storage/postgres/sql/worker-lease.sql.js';
import { type Explainable } from './explain.js';
import { WORKER } from './large-tables.js';
import { allDetails, idsOf, lastStep, newRun, parks, quietStep, stepDone, type Samples } from './samples.js';

export interface Case {
  readonly statement: (samples: Samples) => Explainable;
  /** Those that the statement may read; anything else is a plan that went wrong. */
  readonly indexes: readonly string[];
  /** Pages that it may touch. The table of runs alone has thousands. */
  readonly buffers: number;
}

const list = (filter: Partial<RunFilter>): Case['statement'] => {
  return () => listRuns('durable', { limit: 51, ...filter });
};
const PK = 'run_pkey';

export const CASES: Readonly<Record<string, Case>> = {
  'a finished step that nothing is written beside': {
    statement: ({ held }) => checkpointUnits('durable', [stepDone(held[0])], null)!,
    indexes: [PK],
    // Those of the update are counted twice: its row is what the statement returns.
    buffers: 90,
  },
  'the last step of a run': {
    statement: ({ held }) => journalLastUnit('durable', [lastStep(held[0])], null)!,
    indexes: [PK],
    buffers: 90,
  },
  'twenty finished steps': {
    statement: ({ held }) => checkpointUnits('durable', held.slice(0, 20).map(stepDone), null)!,
    indexes: [PK],
    buffers: 900,
  },
  'a finished step that leaves the row of its run alone': {
    statement: ({ held }) => journalUnit('durable', [quietStep(held[0])], null)!,
    indexes: [PK],
    buffers: 40,
  },
  'twenty finished steps that leave the rows of their runs alone': {
    statement: ({ held }) => checkpointUnits('durable', held.slice(0, 20).map(quietStep), null)!,
    indexes: [PK],
    buffers: 500,
  },
  'how far runs have come that were taken from their holder': {
    statement: ({ held }) => settleCursors('durable', idsOf(held, 20)),
    indexes: [PK, 'journal_pkey'],
    // 245, or 653 where autovacuum has looked at the tables since they were filled: ten rows each of twenty runs.
    buffers: 1_000,
  },
  'whether a dead worker holds runs': {
    statement: () => findOrphaners('durable'),
    indexes: ['run_held'],
    buffers: 200,
  },
  'a checkpoint of one step': {
    statement: ({ held }) => checkpointRuns('durable', [stepDone(held[0])], null),
    indexes: [PK],
    buffers: 60,
  },
  'checkpoints of twenty steps': {
    statement: ({ held }) => checkpointRuns('durable', held.slice(0, 20).map(stepDone), null),
    indexes: [PK],
    buffers: 900,
  },
  'parks without a time': {
    statement: ({ held }) => checkpointRuns('durable', held.slice(0, 20).map(parks), null),
    indexes: [PK],
    buffers: 1_200,
  },
  'checkpoints with every detail': {
    statement: ({ held }) => checkpointRuns('durable', held.slice(0, 20).map(allDetails), null),
    indexes: [PK, 'signal_pkey'],
    buffers: 2_500,
  },
  'the checkpoint of a transactional step': {
    statement:
      ({ held }) =>
      (began) =>
        checkpointRuns('durable', [stepDone(held[0])], null, { began }),
    indexes: [PK],
    buffers: 60,
  },
  'the checkpoint of a transactional step with every detail': {
    statement:
      ({ held }) =>
      (began) =>
        checkpointRuns('durable', [allDetails(held[0], 0)], null, { began }),
    indexes: [PK, 'signal_pkey'],
    buffers: 150,
  },
  'the wake-up of parents': {
    statement: ({ parked }) => wakeParents('durable', idsOf(parked, 20), null),
    indexes: [PK],
    buffers: 900,
  },
  'the journals of claimed runs': {
    statement: ({ held }) => loadJournal('durable', idsOf(held, 50)),
    indexes: ['journal_pkey'],
    buffers: 600,
  },
  'the failed attempts of claimed runs': {
    statement: ({ held }) => loadFailures('durable', idsOf(held, 50), null),
    indexes: ['attempt_pkey', PK],
    buffers: 800,
  },
  'the progress of claimed runs': {
    statement: ({ held }) => loadProgress('durable', idsOf(held, 50)),
    indexes: ['progress_pkey'],
    buffers: 300,
  },
  'what came in for held runs': {
    statement: ({ held }) => inspectRuns('durable', idsOf(held, 50)),
    indexes: [PK],
    buffers: 300,
  },
  'a sweep that finds nobody dead': {
    statement: () => reclaimOrphans('durable', null),
    indexes: ['run_held'],
    buffers: 40,
  },
  'the renewal of a lease': {
    statement: () => renewWorker('durable', WORKER, 15_000, null),
    indexes: [],
    buffers: 20,
  },
  'a worker that leaves with 200 runs': {
    statement: () => unregisterWorker('durable', WORKER, null),
    indexes: ['run_held', PK],
    buffers: 12_000,
  },
  'a batch of a purge': {
    statement: () =>
      purgeRuns('durable', { finishedBefore: { ageMs: 1_000 }, status: ['completed'], limit: 500, after: null }, null),
    indexes: [
      ...[PK, 'journal_pkey', 'journal_archive_pkey', 'operation_run', 'attempt_pkey', 'progress_pkey'],
      ...['signal_waiting', 'signal_taken'],
    ],
    buffers: 40_000,
  },
  'a start by itself': {
    statement: () => insertRuns('durable', starts().slice(0, 1), null),
    indexes: [],
    buffers: 60,
  },
  'a start by itself that is taken for new': {
    statement: () => insertRuns('durable', [newRun(0, {})], null, true),
    indexes: [],
    buffers: 40,
  },
  'a start that is begun at once': {
    statement: () => beginRun('durable', [newRun(0)], null)!,
    indexes: [],
    buffers: 40,
  },
  'starts that are taken for new': {
    statement: () =>
      insertRuns(
        'durable',
        [0, 1, 2, 3, 4].map((index) => newRun(index, {})),
        null,
        true,
      ),
    indexes: [],
    buffers: 200,
  },
  'starts with new keys, old keys and none': {
    statement: () => insertRuns('durable', starts(), null),
    indexes: [],
    buffers: 1_500,
  },
  'the runs that stood in the way of starts': {
    statement: () => findExistingRuns('durable', starts()),
    indexes: [PK, 'run_idempotency'],
    buffers: 600,
  },
  'which of the runs waited for have ended': {
    statement: ({ completed, parked }) => findEnded('durable', [...idsOf(completed, 50), ...idsOf(parked, 50)]),
    indexes: [PK],
    buffers: 500,
  },
  'a run': {
    statement: ({ completed }) => findRun('durable', completed[0].id),
    indexes: [PK],
    buffers: 20,
  },
  'the journal of a run': {
    statement: ({ completed }) => listJournal('durable', completed[0].id),
    indexes: ['journal_pkey'],
    buffers: 20,
  },
  'the failed attempts of a run': {
    statement: ({ completed }) => listAttempts('durable', completed[0].id),
    indexes: ['attempt_pkey'],
    buffers: 20,
  },
  'the children of a run': {
    statement: ({ completed }) => listChildren('durable', completed[0].id),
    indexes: ['run_parent'],
    buffers: 20,
  },
  'the state of a child': {
    statement: ({ completed }) => childState('durable', completed[0].id),
    indexes: [PK],
    buffers: 20,
  },
  'the cancel of children': {
    statement: ({ parked }) => cancelChildren('durable', parked[0].id, '{}', null),
    indexes: ['run_parent', PK, 'run_unfinished'],
    buffers: 40,
  },
  'the end of children': {
    statement: ({ parked }) => terminateChildren('durable', parked[0].id, '{}', null),
    indexes: ['run_parent', PK, 'run_unfinished'],
    buffers: 40,
  },
  'the lock of an order': {
    statement: ({ parked }) => lockForOrder('durable', parked[0].id),
    indexes: [PK],
    buffers: 20,
  },
  'the cancel of a run that has done nothing': {
    statement: ({ pending }) => cancelPending('durable', pending[0], { reason: null, compensate: true }, null),
    indexes: [PK, 'run_unfinished', 'journal_pkey'],
    buffers: 60,
  },
  'the cancel of a parked run': {
    statement: ({ parked }) => requestCancel('durable', parked[0], { reason: null, compensate: true }, null),
    indexes: [PK, 'run_unfinished'],
    buffers: 60,
  },
  'a signal by the id of a run': {
    statement: ({ parked }) => sendSignal('durable', signalTo({ runId: parked[0].id }), null),
    indexes: [PK, 'signal_pkey'],
    buffers: 80,
  },
  'a signal by the key of a run': {
    statement: () => sendSignal('durable', signalTo({ workflow: 'order', idempotencyKey: 'key-5' }), null),
    indexes: [PK, 'run_idempotency', 'signal_pkey'],
    buffers: 80,
  },
  'the next signal of a run': {
    statement: ({ parked }) => nextSignal('durable', parked[0].id, ['approved', 'refused']),
    indexes: ['signal_waiting'],
    buffers: 20,
  },
};

/** Unnamed, so planned for the values at hand every time. */
export const WATCHED: Readonly<Record<string, Case>> = {
  'runs by status': {
    statement: () => countRuns('durable'),
    indexes: ['run_unfinished', 'pg_class_oid_index'],
    buffers: 3_000,
  },
  'due runs': { statement: () => countDue('durable', 'durable', 10_000, null), indexes: ['run_due'], buffers: 400 },
};

/** All may also look into the journals of runs that are held, for how far these have come: a few pages each. */
export const LISTS: Readonly<Record<string, Case>> = {
  'the newest runs': { statement: list({}), indexes: [PK], buffers: 400 },
  'the page behind a run': {
    statement: ({ completed }) => listRuns('durable', { before: completed[0].id, limit: 51 }),
    indexes: [PK],
    buffers: 100,
  },
  'running runs': { statement: list({ status: ['running'] }), indexes: ['run_unfinished', PK], buffers: 1_500 },
  'failed runs': { statement: list({ status: ['failed'] }), indexes: ['run_unfinished'], buffers: 500 },
  'runs that went wrong': {
    statement: list({ status: ['failed', 'canceled', 'compensation_failed'] }),
    indexes: ['run_unfinished'],
    buffers: 1_000,
  },
  'failed runs of a version': {
    statement: list({ status: ['failed'], workflow: 'order', version: 1 }),
    indexes: ['run_unfinished'],
    buffers: 1_000,
  },
  'runs that have not ended': {
    statement: list({ status: ['pending', 'running', 'suspended', 'compensating'] }),
    indexes: [PK],
    buffers: 400,
  },
  'the run of a key': {
    statement: list({ workflow: 'order', idempotencyKey: 'key-5' }),
    indexes: ['run_idempotency'],
    buffers: 20,
  },
  'the children of a run, by page': {
    statement: ({ completed }) => listRuns('durable', { parentId: completed[0].id, limit: 51 }),
    indexes: ['run_parent'],
    buffers: 20,
  },
};

/** Statements of one run that read the journal. */
export const OF_ONE_RUN: Readonly<Record<string, Case['statement']>> = {
  'a claim': ({ held }) => loadJournal('durable', idsOf(held, 1)),
  'a look at its journal': ({ completed }) => listJournal('durable', completed[0].id),
  'the end of its holder': ({ held }) => settleCursors('durable', idsOf(held, 1)),
  'a cancel': ({ pending }) => cancelPending('durable', pending[0], { reason: null, compensate: true }, null),
};

function starts(): NewRun[] {
  return Array.from({ length: 50 }, (_, index) => {
    const keys = [null, `key-${index * 1_000 + 1}`, `new-key-${index}`];
    return newRun(index, { idempotencyKey: keys[index % 3] });
  });
}

function signalTo(target: SignalToSend['target']): SignalToSend {
  const id = '0193ffff-0000-7000-8000-000000000001';
  return { id, target, name: 'approved', payload: '{"by":"ann"}', dedupeId: 'once' };
}

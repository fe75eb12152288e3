import type { Client } from 'pg';
import type { Checkpoint, NewRun, RunMove } from '../../lib/storage/contract/records.js';
import type { LockedRun } from '../../lib/storage/postgres/sql/order-run.sql.js';
import { HELD, QUEUE, WORKER } from './large-tables.js';

/** A run as an order's lock finds it, which is all that any statement wants to know of one. */
export type SampleRun = LockedRun;

/** What a checkpoint has to know of its run. */
type Held = Pick<SampleRun, 'id' | 'epoch'>;

/** Runs of the large tables, by what they are. */
export interface Samples {
  readonly completed: readonly SampleRun[];
  readonly parked: readonly SampleRun[];
  readonly pending: readonly SampleRun[];
  readonly held: readonly SampleRun[];
}

export async function readSamples(client: Client): Promise<Samples> {
  const read = async (status: string): Promise<SampleRun[]> => {
    const text = `
      select r.*, cancel is not null as canceling, paused_at is not null as paused
        from durable.run r where status = $1 order by md5(id::text) limit $2`;
    return (await client.query<SampleRun>(text, [status, HELD])).rows;
  };
  return {
    completed: await read('completed'),
    parked: await read('suspended'),
    pending: await read('pending'),
    held: await read('running'),
  };
}

export function idsOf(runs: readonly SampleRun[], count = runs.length): string[] {
  return runs.slice(0, count).map(({ id }) => id);
}

const GOES_ON: RunMove = {
  status: 'running',
  cursor: 4,
  held: true,
  quiet: false,
  due: null,
  awaiting: null,
  error: null,
  ifWakeups: null,
};

/** A step is done, and the run goes on. */
export function stepDone({ id, epoch }: Held): Checkpoint {
  return {
    runId: id,
    epoch,
    seen: 0,
    journal: [{ key: 'step-3', kind: 'step', result: '{"ok":true}', attempt: 1, position: 3, durationMs: 1.5 }],
    attempts: [],
    progress: [],
    children: [],
    consumed: [],
    move: GOES_ON,
    parentId: null,
  };
}

/** The same where the row of the run has nothing to learn. */
export function quietStep(run: Held): Checkpoint {
  return { ...stepDone(run), move: { ...GOES_ON, quiet: true } };
}

/** The last step is done, and the run is completed. */
export function lastStep(run: Held): Checkpoint {
  return { ...stepDone(run), move: { ...GOES_ON, status: 'completed', held: false, ifWakeups: 0 } };
}

/** The run waits for a signal, without a time. */
export function parks(run: Held): Checkpoint {
  return {
    ...stepDone(run),
    journal: [],
    move: { ...GOES_ON, status: 'suspended', held: false, awaiting: ['approved'], ifWakeups: 0 },
  };
}

/** An attempt failed, something was reported, a signal was taken, a child is born: everything that a checkpoint can say. */
export function allDetails(run: Held, index: number): Checkpoint {
  return {
    ...stepDone(run),
    attempts: [
      { key: 'step-4', attempt: 1, error: { name: 'Error', message: 'unlucky' }, final: false, durationMs: 1.5 },
    ],
    progress: [{ key: 'step-4', value: '{"done":1}' }],
    consumed: [{ signalId: run.id, key: 'step-3' }],
    children: [newRun(index, { parentId: run.id, parentKey: 'child', parentClose: 'cancel' })],
  };
}

export function newRun(index: number, change: Partial<NewRun> = {}): NewRun {
  return {
    id: `0193ffff-0000-7000-8000-${String(index).padStart(12, '0')}`,
    workflow: 'order',
    version: 1,
    planHash: 'hash',
    queue: QUEUE,
    priority: 0,
    idempotencyKey: null,
    input: '{"order":1}',
    due: null,
    timeoutMs: null,
    parentId: null,
    parentKey: null,
    parentClose: null,
    tags: null,
    trace: null,
    worker: WORKER,
    ...change,
  };
}

import type { QueryResultRow } from 'pg';
import type { NewRun, StartOutcome } from '../contract/records.js';
import { findExistingRuns } from './sql/find-existing-runs.sql.js';
import { insertRuns } from './sql/insert-runs.sql.js';
import type { SqlStatement } from './sql/sql-statement.js';

/** A run that stands where another was to be created. */
interface ExistingRow extends QueryResultRow {
  /** The id that was passed over. */
  readonly wanted: string;
  readonly id: string;
  readonly status: StartOutcome['status'];
  readonly worker: string | null;
  /** JSON text. */
  readonly input: string;
}

/** A run that was created; of nulls, all were, as they were to be. */
interface InsertedRow extends QueryResultRow {
  readonly id: string | null;
  readonly status: StartOutcome['status'];
}

/** Runs one statement, in whichever transaction. */
export type StartQuery = <Row extends QueryResultRow>(statement: SqlStatement) => Promise<readonly Row[]>;

/**
 * Creates runs, and says in the order of the runs what stands now. Those that were passed over are looked up: one with our
 * own id was written by an earlier try whose answer was lost, any other stands under the same idempotency key. One that is
 * not there any more was purged in between, and its key is free.
 *
 * @param fresh see `insertRuns`.
 */
export async function createRuns(
  schema: string,
  runs: readonly NewRun[],
  now: Date | null,
  query: StartQuery,
  fresh = false,
): Promise<readonly StartOutcome[]> {
  const standing = new Map<string, StartOutcome>();
  let open = runs;
  while (open.length > 0) {
    const inserted = await query<InsertedRow>(insertRuns(schema, open, now, fresh && open === runs));
    if (inserted[0]?.id === null && open === runs) return runs.map(createdAsWanted);
    for (const outcome of createdOf(inserted, open)) standing.set(outcome.id, outcome);
    open = open.filter((run) => !standing.has(run.id));
    if (open.length === 0) break;
    const existing = await query<ExistingRow>(findExistingRuns(schema, open));
    const holders = new Map(open.map(({ id, worker }) => [id, worker]));
    for (const row of existing) standing.set(row.wanted, existingOutcome(row, holders.get(row.wanted) ?? null));
    open = open.filter((run) => !standing.has(run.id));
  }
  return runs.map((run) => standing.get(run.id)!);
}

function createdOf(inserted: readonly InsertedRow[], wanted: readonly NewRun[]): StartOutcome[] {
  if (inserted[0]?.id === null) return wanted.map(createdAsWanted);
  return inserted.map(({ id, status }) => ({ id: id!, created: true, status, existingInput: null }));
}

/** A run that was created as it was to be: begun by whoever started it, or waiting for a claim. */
export function createdAsWanted({ id, worker }: NewRun): StartOutcome {
  return { id, created: true, status: worker === null ? 'pending' : 'running', existingInput: null };
}

/**
 * @param holder the worker that the run was to begin at. One that runs elsewhere is as good as pending to who started it: it was
 *   stored while its workflow was paused, and somebody has claimed it since.
 */
function existingOutcome({ wanted, id, status, worker, input }: ExistingRow, holder: string | null): StartOutcome {
  if (id !== wanted) return { id, created: false, status, existingInput: input };
  const begins = status !== 'running' || worker === holder;
  return { id, created: true, status: begins ? status : 'pending', existingInput: null };
}

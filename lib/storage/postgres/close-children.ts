import type { CancelRequest, WorkflowRef } from '../contract/records.js';
import { PARENT_ENDED, type ClosedChild } from '../contract/run-store.contract.js';
import type { StatementRunner } from './connection/engine-pool.js';
import { cancelChildren, terminateChildren } from './sql/children.sql.js';
import { settleCursors } from './sql/run-progress.sql.js';

interface ClosedChildRow {
  readonly id: string;
  readonly queue: string;
  readonly worker_id: string | null;
}

/** What `terminateChildren` returns besides. */
interface TerminatedRow extends ClosedChildRow {
  readonly workflow: string;
  readonly version: number;
}

const CANCEL: CancelRequest = { reason: PARENT_ENDED, compensate: true };
const TERMINATE: CancelRequest = { reason: PARENT_ENDED, compensate: false, terminated: true };

/** Carries out `parentClose` of the children of a run, none of which is locked beside its parent. */
export async function closeChildren(
  pool: StatementRunner,
  schema: string,
  parentId: string,
  now: Date | null,
): Promise<readonly ClosedChild[]> {
  const cancel = cancelChildren(schema, parentId, JSON.stringify(CANCEL), now);
  const [canceled, terminated] = await Promise.all([pool.query<ClosedChildRow>(cancel), terminateAll()]);
  return [
    ...canceled.rows.map((row) => closed(row, null)),
    ...terminated.map((row) => closed(row, { name: row.workflow, version: row.version })),
  ];

  /** Looks again while it finds some: one that was about to start a child of its own did so before it was locked. */
  async function terminateAll(): Promise<readonly TerminatedRow[]> {
    const terminate = terminateChildren(schema, parentId, JSON.stringify(TERMINATE), now);
    const rows = await pool.transaction(async (query) => {
      const { rows: ended } = await query<TerminatedRow>(terminate);
      const held = ended.filter(({ worker_id: worker }) => worker !== null).map(({ id }) => id);
      if (held.length > 0) await query(settleCursors(schema, held));
      return ended;
    });
    return rows.length === 0 ? rows : [...rows, ...(await terminateAll())];
  }
}

function closed({ id, queue, worker_id: worker }: ClosedChildRow, terminated: WorkflowRef | null): ClosedChild {
  return { id, queue, worker, terminated };
}

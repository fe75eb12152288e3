import type { CancelRequest } from '../contract/records.js';
import type { ClosedChild } from '../contract/run-store.contract.js';
import type { EnginePool } from './connection/engine-pool.js';
import { cancelChildren, terminateChildren } from './sql/children.sql.js';

interface ClosedChildRow {
  readonly id: string;
  readonly queue: string;
  readonly worker_id: string | null;
}

const PARENT_ENDED: CancelRequest = { reason: 'its parent ended', compensate: true };

/** Carries out `parentClose` of the children of a run, none of which is locked beside its parent. */
export async function closeChildren(
  pool: EnginePool,
  schema: string,
  parentId: string,
  now: Date | null,
): Promise<readonly ClosedChild[]> {
  const cancel = cancelChildren(schema, parentId, JSON.stringify(PARENT_ENDED), now);
  const [canceled, terminated] = await Promise.all([pool.query<ClosedChildRow>(cancel), terminateAll()]);
  return [...canceled.rows, ...terminated].map(({ id, queue, worker_id: worker }) => ({ id, queue, worker }));

  /** Looks again while it finds some: one that was about to start a child of its own did so before it was locked. */
  async function terminateAll(): Promise<readonly ClosedChildRow[]> {
    const { rows } = await pool.query<ClosedChildRow>(terminateChildren(schema, parentId, now));
    return rows.length === 0 ? rows : [...rows, ...(await terminateAll())];
  }
}

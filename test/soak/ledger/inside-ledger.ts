import type { DurableContext } from '../../../lib/index.js';

/** The ledger in the database: rows that a transactional step writes in its own transaction. */
export const INSIDE_LEDGER = `
create table soak.inside_effect (
  run_id uuid not null, key text not null, attempt int not null, pid int not null,
  at timestamptz not null default clock_timestamp());
create index on soak.inside_effect (run_id, key);
`;

export async function insertEffect({ manager, runId, stepName, attempt }: DurableContext): Promise<void> {
  const values = [runId, stepName, attempt, process.pid];
  await manager.query('insert into soak.inside_effect (run_id, key, attempt, pid) values ($1, $2, $3, $4)', values);
}

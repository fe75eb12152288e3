/**
 * Covers: the plan of the claim among many paused runs and many that wait for later: it reads `run_due` and touches no more
 * rows than it takes. What a claim takes is covered by test/integration/engine/claiming.spec.ts.
 */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { claimRuns } from '../../../lib/storage/postgres/sql/claim-runs.sql.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

const PAUSED = 5_000;
const LATER = 5_000;
const DUE = 50;
const LIMIT = 10;
const WORKER = randomUUID();

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  const insert = (count: number, due: string, paused: string): Promise<unknown> =>
    client.query(`insert into durable.run
        (id, workflow, version, plan_hash, status, queue, created_at, updated_at, due_at, paused_at, input)
      select gen_random_uuid(), 'order', 1, 'h', 'pending', 'durable', now(), now(), ${due}, ${paused}, 'null'
        from generate_series(1, ${count})`);
  await insert(PAUSED, `now() - interval '1 day'`, 'now()');
  await insert(LATER, `now() + interval '1 day'`, 'null');
  await insert(DUE, `now() - interval '1 hour'`, 'null');
  await client.query(
    `insert into durable.worker
       (id, name, queue, host, pid, workflows, slots, lock_key, started_at, heartbeat_at, expires_at)
     values ($1, 'w', 'durable', 'h', 1, '{order@1}', 10, 1, now(), now(), now() + interval '1 hour')`,
    [WORKER],
  );
  await client.query('analyze durable.run');
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

/** Every node of the plan that reads the table of runs. */
function readsOfRuns(node: PlanNode): PlanNode[] {
  const own = node['Relation Name'] === 'run' && node['Node Type'].includes('Scan') ? [node] : [];
  return [...own, ...(node.Plans ?? []).flatMap(readsOfRuns)];
}

/** Plans the claim of a living worker for ten runs, and carries it out, in a transaction that is rolled back. */
async function claim(): Promise<{ reads: PlanNode[]; touched: number; taken: number }> {
  const workflows = [{ name: 'order', version: 1, hash: 'h' }];
  const request = { worker: WORKER, queue: 'durable', workflows, limit: LIMIT };
  const { text, values } = claimRuns('"durable"', request, null);
  await client.query('begin');
  const plan = await client.query(`explain (analyze, format json) ${text}`, [...values]);
  const held = await client.query<{ count: number }>(
    'select count(*)::int as count from durable.run where worker_id is not null',
  );
  await client.query('rollback');
  const reads = readsOfRuns(plan.rows[0]['QUERY PLAN'][0].Plan as PlanNode);
  const rows = reads.map(
    (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
  );
  return { reads, touched: Math.max(...rows), taken: held.rows[0].count };
}

it('finds what is due by its index, past everything that is paused or waits for later', async () => {
  const { reads, touched, taken } = await claim();

  expect(taken).toBe(LIMIT);
  expect(reads.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
  expect(reads.map((node) => node['Index Name'])).toContain('run_due');
  expect(touched).toBeLessThanOrEqual(DUE);
});

it('takes nothing of a paused workflow, and looks at none of its runs one by one', async () => {
  await client.query(`insert into durable.pause (workflow, version, paused_at) values ('order', 0, now())`);
  const { reads, touched, taken } = await claim();
  await client.query('delete from durable.pause');

  expect(taken).toBe(0);
  expect(reads.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
  expect(touched).toBeLessThanOrEqual(DUE);
});

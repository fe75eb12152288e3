/**
 * Covers: what a claim costs and which runs it takes, on tables with 100,000 finished and 100,000 parked runs, beside as
 * many due runs that nobody serves, with many priorities, and after heavy churn. Other statements: statements.spec.ts.
 */
import { Client } from 'pg';
import { claimRuns } from '../../lib/storage/postgres/sql/claim-runs.sql.js';
import type { SqlStatement } from '../../lib/storage/postgres/sql/sql-statement.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/test-database.js';
import { explain, type Explained } from './explain.js';
import { addRuns, createLargeTables, DUE, FILL_TIMEOUT_MS, QUEUE, WORKER } from './large-tables.js';

const PLANS = ['generic', 'custom'] as const;
const SERVED = [
  { name: 'order', version: 1, hash: 'one' },
  { name: 'order', version: 2, hash: 'two' },
];

/** Pages that one claimed run costs at most: it leaves one index, enters others, and its row moves. */
const BUFFERS_A_RUN = 60;
/** Pages that it costs at most to find out what is due. The table of runs alone has thousands. */
const BUFFERS_A_LOOK = 200;

describe('a claim beside 100,000 finished and 100,000 parked runs', () => {
  let database: TestDatabase;
  let client: Client;

  beforeAll(async () => {
    database = await createLargeTables();
    client = new Client({ connectionString: database.url });
    await client.connect();
    // The tests say when dead index entries go away.
    await client.query('alter table durable.run set (autovacuum_enabled = off)');
  }, FILL_TIMEOUT_MS);
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  function claim(queue: string, limit: number): SqlStatement {
    return claimRuns('durable', { worker: WORKER, queue, workflows: SERVED, limit }, null);
  }

  /** Both plans must hold what `check` says. */
  async function each(statement: SqlStatement, check: (explained: Explained) => void): Promise<void> {
    for (const plan of PLANS) check(await explain((text) => client.query(text), statement, { plan }));
  }

  /** Claims for good. */
  async function take(queue: string, limit: number): Promise<{ id: string | null; version: number }[]> {
    const { text, values } = claim(queue, limit);
    const { rows } = await client.query<{ id: string | null; version: number }>(text, [...values]);
    return rows.filter(({ id }) => id !== null);
  }

  it('reads the index of due runs and no other', async () => {
    await each(claim(QUEUE, 50), ({ scans, rows, buffers }) => {
      expect(rows).toBe(50);
      const runs = scans.filter(({ table }) => table === 'run');
      expect(new Set(runs.map(({ index }) => index))).toEqual(new Set(['run_due', 'run_pkey']));
      expect(runs.filter(({ condition }) => condition === '')).toEqual([]);
      expect(buffers).toBeLessThan(50 * BUFFERS_A_RUN);
    });
  });

  it('takes all that is due, and not more, when it may take more', async () => {
    await each(claim(QUEUE, 2 * DUE), ({ rows, buffers }) => {
      expect(rows).toBe(DUE);
      expect(buffers).toBeLessThan(DUE * BUFFERS_A_RUN);
    });
  });

  it('costs a few pages when only later times are waited for', async () => {
    await addRuns(client, {
      count: 20_000,
      queue: 'later',
      status: `'suspended'`,
      due: `now() + interval '1 day' + n * interval '1 second'`,
    });

    await each(claim('later', 50), ({ rows, buffers }) => {
      expect(rows).toBe(1); // the row that says when the next one is due
      expect(buffers).toBeLessThan(BUFFERS_A_LOOK);
    });
  });

  it('passes 100,000 due runs of a workflow that it does not serve at the price of one', async () => {
    const due = `now() - interval '1 day' + n * interval '1 ms'`;
    await addRuns(client, { count: 100_000, queue: 'shared', status: `'pending'`, workflow: `'unknown'`, due });
    await each(claim('shared', 50), ({ rows, buffers }) => {
      expect(rows).toBe(1);
      expect(buffers).toBeLessThan(BUFFERS_A_LOOK);
    });

    await addRuns(client, { count: 100, queue: 'shared', status: `'pending'`, due: 'now()' });
    await each(claim('shared', 50), ({ rows, buffers }) => {
      expect(rows).toBe(50);
      expect(buffers).toBeLessThan(50 * BUFFERS_A_RUN);
    });
  });

  it('stops at the priority at which it has enough', async () => {
    const due = `now() - interval '1 minute'`;
    await addRuns(client, { count: 20_000, queue: 'ranked', status: `'pending'`, priority: 'n % 1000', due });

    await each(claim('ranked', 50), ({ rows, buffers }) => {
      expect(rows).toBe(50);
      expect(buffers).toBeLessThan(50 * BUFFERS_A_RUN);
    });
    await take('ranked', 60);
    const claimed = await client.query<{ priority: number; count: number }>(
      `select priority, count(*)::int as count from durable.run where queue = 'ranked' and worker_id is not null
        group by priority order by priority desc`,
    );
    expect(claimed.rows).toEqual([999, 998, 997].map((priority) => ({ priority, count: 20 })));
  });

  it('steps over the traces of 50,000 runs that were due before', async () => {
    const due = `now() - interval '1 hour' + n * interval '1 ms'`;
    await addRuns(client, { count: 50_000, queue: 'busy', status: `'pending'`, due });
    await client.query(`update durable.run set due_at = null where queue = 'busy'`);
    await addRuns(client, { count: 50, queue: 'busy', status: `'pending'`, due: 'now()' });

    // Nothing was vacuumed. A look finds out what is dead and marks it, once nobody in the database may still see it; those
    // after it only turn the index's pages.
    const marked = 50 * BUFFERS_A_RUN + 5_000;
    await eventually('what is dead to be marked', async () => {
      return (await explain((text) => client.query(text), claim('busy', 50), { plan: 'generic' })).buffers < marked;
    });
    await each(claim('busy', 50), ({ rows, buffers }) => {
      expect(rows).toBe(50);
      expect(buffers).toBeLessThan(marked);
    });
    await client.query('vacuum durable.run');
    await each(claim('busy', 50), ({ buffers }) => expect(buffers).toBeLessThan(50 * BUFFERS_A_RUN));
  });

  it('finds the runs that may have killed their worker by an index of their own', async () => {
    await addRuns(client, { count: 30, queue: 'suspicious', status: `'pending'`, due: 'now()' });
    await client.query(`update durable.run set deliveries = 2 where queue = 'suspicious'`);
    const suspects = { fromDeliveries: 2, limit: 1, aloneAtDeliveries: 2 };
    const request = { worker: WORKER, queue: 'suspicious', workflows: SERVED, limit: 50, suspects };

    await each(claimRuns('durable', request, null), ({ scans, rows, buffers }) => {
      expect(rows).toBe(1);
      expect(scans.filter(({ index }) => index === 'run_suspect')).toHaveLength(1);
      expect(buffers).toBeLessThan(BUFFERS_A_LOOK);
    });
  });

  it('takes turns between workflows by who has waited longest', async () => {
    const waitsSince = (second: number): string => `now() - interval '1 hour' + (n + ${second}) * interval '1 second'`;
    await addRuns(client, { count: 10, queue: 'fair', status: `'pending'`, version: '1', due: waitsSince(0) });
    await addRuns(client, { count: 4, queue: 'fair', status: `'pending'`, version: '2', due: waitsSince(4.5) });
    const versions = async (limit: number): Promise<number[]> =>
      (await take('fair', limit)).map(({ version }) => version);

    expect(await versions(5)).toEqual([1, 1, 1, 1, 1]);
    // What is left of version 1 has waited since second 6 at most, the first of version 2 since 5.5.
    expect(await versions(4)).toEqual([2, 2, 2, 2]);
    expect(await versions(10)).toEqual([1, 1, 1, 1, 1]);
  });
});

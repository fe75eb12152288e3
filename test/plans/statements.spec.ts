/**
 * Covers: the plans of the statements that workers, starters and operators send, on tables with 100,000 finished and
 * 100,000 parked runs. The claim: claim.spec.ts; plans made while the tables were empty: cold-plans.spec.ts.
 */
import { Client } from 'pg';
import { reclaimOrphans } from '../../lib/storage/postgres/sql/sweep-workers.sql.js';
import type { TestDatabase } from '../support/test-database.js';
import { explain, pagesAllowed, type Explained, type Scan, type Send } from './explain.js';
import { addRuns, createLargeTables, DEAD_WORKER, FILL_TIMEOUT_MS } from './large-tables.js';
import { readSamples, type Samples } from './samples.js';
import { CASES, LISTS, OF_ONE_RUN, WATCHED, type Case } from './statement-cases.js';

/** Small tables, of which a look at all of it is the best plan: a row a process, a plan or a pause. */
const SMALL = new Set(['worker', 'definition', 'pause']);

describe('on tables with 100,000 finished and 100,000 parked runs', () => {
  let database: TestDatabase;
  let client: Client;
  let samples: Samples;

  beforeAll(async () => {
    database = await createLargeTables();
    client = new Client({ connectionString: database.url });
    await client.connect();
    samples = await readSamples(client);
  }, FILL_TIMEOUT_MS);
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** With the settings of a new connection, which is what the application's own transactions have. */
  async function expectIndexes({ statement, indexes, buffers }: Case, plan: 'custom' | 'generic'): Promise<void> {
    const explainable = statement(samples);
    const send: Send = (text) => client.query(text);
    // The first execution after the tables were filled also sets hint bits, which costs pages of its own.
    await explain(send, explainable, { plan });
    let explained = await explain(send, explainable, { plan });
    // While autovacuum looks at a table, what is dead cannot be marked, and is read once more.
    for (let again = 0; again < 3 && explained.buffers > buffers; again++) {
      explained = await explain(send, explainable, { plan });
    }
    expect(strayScans(explained, indexes)).toEqual([]);
    expect(explained.buffers).toBeLessThanOrEqual(await pagesAllowed(send, buffers));
  }

  describe.each(['generic', 'custom'] as const)('with a %s plan', (plan) => {
    it.each(Object.keys(CASES))('reads nothing but the index: %s', (name) => expectIndexes(CASES[name], plan));
  });

  it.each(Object.keys(WATCHED))('is watched by the index: %s', (name) => expectIndexes(WATCHED[name], 'generic'));

  describe('for the values at hand', () => {
    it.each(Object.keys(LISTS))('lists by the index: %s', (name) => {
      return expectIndexes({ ...LISTS[name], indexes: [...LISTS[name].indexes, 'journal_pkey'] }, 'custom');
    });
  });

  it.each(Object.keys(OF_ONE_RUN))('looks into one part of the journal: %s', async (name) => {
    for (const plan of ['generic', 'custom'] as const) {
      const { scans } = await explain((text) => client.query(text), OF_ONE_RUN[name](samples), { plan });
      const parts = scans.filter(({ table }) => table === 'journal').map(({ part }) => part);
      expect(new Set(parts).size).toBe(1);
    }
  });

  it('takes the runs of a dead worker back by their holder', async () => {
    await addRuns(client, { count: 20, status: `'running'`, worker: `'${DEAD_WORKER}'` });
    for (const plan of ['generic', 'custom'] as const) {
      const { scans, buffers, rows } = await explain((text) => client.query(text), reclaimOrphans('durable', null), {
        plan,
      });
      expect(rows).toBe(20);
      expect(scans.filter(({ table, index }) => table === 'run' && index === null)).toEqual([]);
      expect(buffers).toBeLessThan(2_000);
    }
  });
});

function strayScans({ scans }: Explained, indexes: readonly string[]): Scan[] {
  return scans.filter(({ table, index }) => !SMALL.has(table) && (index === null || !indexes.includes(index)));
}

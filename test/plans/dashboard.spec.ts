/**
 * Covers: the plans of what the dashboard asks, on tables with 200,000 runs and 600,000 journal rows, with the settings of
 * its own connections. What workers and starters ask: statements.spec.ts.
 */
import { Client } from 'pg';
import { RUN_STATUSES } from '../../lib/definition/run-state.js';
import type { RunSearch } from '../../lib/storage/contract/dashboard-store.contract.js';
import * as overview from '../../lib/storage/postgres/sql/dashboard/overview.sql.js';
import * as parts from '../../lib/storage/postgres/sql/dashboard/run-parts.sql.js';
import { countRuns, searchRuns } from '../../lib/storage/postgres/sql/dashboard/search-runs.sql.js';
import type { SqlStatement } from '../../lib/storage/postgres/sql/sql-statement.js';
import type { TestDatabase } from '../support/test-database.js';
import { explain, pagesAllowed } from './explain.js';
import { createLargeTables, FILL_TIMEOUT_MS } from './large-tables.js';
import { readSamples, type Samples } from './samples.js';

const SMALL = new Set(['worker', 'definition', 'pause', 'operation', 'pg_class']);

interface Question {
  readonly statement: (samples: Samples) => SqlStatement;
  /** Those that may be used. */
  readonly indexes: readonly string[];
  /** Pages that it may touch; all runs have some ten thousand, which are read in less than 200 ms. */
  readonly buffers: number;
}

const search = (filter: RunSearch): Question['statement'] => {
  return () => searchRuns('durable', filter, 51);
};
const count = (filter: RunSearch): Question['statement'] => {
  return () => countRuns('durable', filter, 10_001);
};
const time = (ms: number): Date => new Date(Date.now() + ms);

const QUESTIONS: Readonly<Record<string, Question>> = {
  'the newest runs': { statement: search({}), indexes: ['run_pkey', 'journal_pkey'], buffers: 500 },
  'the newest failures': {
    statement: search({ status: ['failed', 'compensation_failed'] }),
    indexes: ['run_unfinished'],
    buffers: 300,
  },
  'the runs of a tag': { statement: search({ tags: ['vip'] }), indexes: ['run_tagged'], buffers: 300 },
  'the run of a key, of whatever workflow': {
    statement: search({ idempotencyKey: 'key-5' }),
    indexes: ['run_idempotency'],
    buffers: 60,
  },
  'the children of a run': {
    statement: ({ held }) => searchRuns('durable', { parentId: held[0].id }, 51),
    indexes: ['run_parent'],
    buffers: 30,
  },
  'runs of a time with none': {
    statement: search({ createdFrom: time(3_600_000), createdBefore: time(7_200_000) }),
    indexes: ['run_created'],
    buffers: 500,
  },
  'failures by their text': {
    statement: search({ status: ['failed'], error: 'unlucky' }),
    indexes: ['run_unfinished'],
    buffers: 12_000,
  },
  'the number of runs by status, those aside that completed': {
    statement: count({ status: RUN_STATUSES.filter((status) => status !== 'completed') }),
    indexes: ['run_unfinished'],
    buffers: 3_000,
  },
  'what happened in the newest runs': {
    statement: () => overview.countActivity('durable', { bucketMs: 60_000, buckets: 60 }, 20_000, null),
    indexes: ['run_pkey'],
    buffers: 60_000,
  },
  'what runs wait for': {
    statement: () => overview.countWaiting('durable', 20_001, null),
    indexes: ['run_unfinished'],
    buffers: 60_000,
  },
  'the oldest due run': {
    statement: () => overview.findOldestDue('durable', null),
    indexes: ['run_due', 'run_suspect'],
    buffers: 6_000,
  },
  'failures by their errors': {
    statement: () => overview.groupFailures('durable', time(-86_400_000), 1_000, 10),
    indexes: ['run_unfinished'],
    buffers: 3_000,
  },
  'the units of a run': {
    statement: ({ completed }) => parts.listUnitMarks('durable', completed[0].id, 5_000),
    indexes: ['journal_pkey'],
    buffers: 30,
  },
  'the history of a run': {
    statement: ({ completed }) => parts.listHistory('durable', completed[0].id, null, 201, 2_048),
    indexes: ['journal_pkey', 'attempt_pkey'],
    buffers: 60,
  },
  'the signals of a run': {
    statement: ({ completed }) => parts.listSignals('durable', completed[0].id, 100, 2_048),
    indexes: ['signal_waiting', 'signal_taken'],
    buffers: 30,
  },
  'changes of the runs on a page': {
    statement: ({ completed, parked }) =>
      parts.markRuns(
        'durable',
        [...completed, ...parked].slice(0, 100).map(({ id }) => id),
      ),
    indexes: ['run_pkey'],
    buffers: 800,
  },
  'changes of a run and all that is its': {
    statement: ({ completed }) => parts.markDeeply('durable', completed[0].id),
    indexes: ['run_pkey', 'journal_pkey', 'attempt_pkey', 'progress_pkey', 'operation_run'],
    buffers: 60,
  },
};

describe('on tables with 200,000 runs, by the settings of its own connections', () => {
  let database: TestDatabase;
  let client: Client;
  let samples: Samples;

  beforeAll(async () => {
    database = await createLargeTables();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`
      insert into durable.definition (name, version, hash, nodes, plan, registered_at)
      values ('order', 1, 'hash', 4, '{}', now()), ('order', 2, 'hash', 4, '{}', now());
      update durable.run set tags = '{vip,eu}' where status = 'failed' and version = 1;
      analyze durable.definition`);
    // What was updated stands on new pages, which the index by time knows nothing of before a vacuum.
    await client.query('vacuum analyze durable.run');
    await client.query('set jit = off; set enable_seqscan = off');
    samples = await readSamples(client);
  }, FILL_TIMEOUT_MS);
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it.each(Object.keys(QUESTIONS))('reads by an index: %s', async (name) => {
    const { statement, indexes, buffers } = QUESTIONS[name];
    const asked = statement(samples);
    const send = (text: string): Promise<{ rows: unknown[] }> => client.query(text);
    await explain(send, asked, { plan: 'custom' });
    const explained = await explain(send, asked, { plan: 'custom' });

    const stray = explained.scans.filter(({ table, index }) => {
      return !SMALL.has(table) && (index === null || !indexes.includes(index));
    });
    expect(stray).toEqual([]);
    expect(explained.buffers).toBeLessThanOrEqual(await pagesAllowed(send, buffers));
  });
});

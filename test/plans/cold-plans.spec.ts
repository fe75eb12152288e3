/**
 * Covers: plans that are made on the engine's connections while the tables are empty and have no statistics, as after the
 * first start of an installation. They are kept while the tables grow. On large tables: statements.spec.ts, claim.spec.ts.
 */
import { EngineClient } from '../../lib/storage/postgres/connection/engine-client.js';
import { beginRun } from '../../lib/storage/postgres/sql/begin-run.sql.js';
import { checkpointUnits } from '../../lib/storage/postgres/sql/checkpoint-units.sql.js';
import { checkpointRuns } from '../../lib/storage/postgres/sql/checkpoint.sql.js';
import { claimRuns } from '../../lib/storage/postgres/sql/claim-runs.sql.js';
import { findEnded } from '../../lib/storage/postgres/sql/find-ended.sql.js';
import { findExistingRuns } from '../../lib/storage/postgres/sql/find-existing-runs.sql.js';
import { inspectRuns } from '../../lib/storage/postgres/sql/inspect-runs.sql.js';
import { journalUnit } from '../../lib/storage/postgres/sql/journal-unit.sql.js';
import { journalLastUnit } from '../../lib/storage/postgres/sql/last-unit.sql.js';
import { loadFailures, loadJournal, loadProgress } from '../../lib/storage/postgres/sql/load-journal.sql.js';
import { nextSignal } from '../../lib/storage/postgres/sql/signals.sql.js';
import type { SqlStatement } from '../../lib/storage/postgres/sql/sql-statement.js';
import { settleCursors } from '../../lib/storage/postgres/sql/run-progress.sql.js';
import { findOrphaners, reclaimOrphans } from '../../lib/storage/postgres/sql/sweep-workers.sql.js';
import { wakeParents } from '../../lib/storage/postgres/sql/wake-parents.sql.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { explain } from './explain.js';
import { QUEUE, WORKER } from './large-tables.js';
import { allDetails, lastStep, newRun, quietStep, stepDone } from './samples.js';

const RUN = { id: '01930000-0000-7000-8000-0000000000cc', epoch: 1 };
const WORKFLOWS = [{ name: 'order', version: 1, hash: 'one' }];

const STATEMENTS: readonly SqlStatement[] = [
  claimRuns('durable', { worker: WORKER, queue: QUEUE, workflows: WORKFLOWS, limit: 50 }, null),
  beginRun('durable', [newRun(0)], null)!,
  checkpointUnits('durable', [stepDone(RUN)], null)!,
  checkpointUnits('durable', [stepDone(RUN), stepDone(RUN)], null)!,
  journalUnit('durable', [quietStep(RUN)], null)!,
  journalUnit('durable', [quietStep(RUN)], null, true)!,
  journalLastUnit('durable', [lastStep(RUN)], null)!,
  journalLastUnit('durable', [lastStep(RUN)], null, true)!,
  checkpointUnits('durable', [quietStep(RUN), stepDone(RUN)], null, true)!,
  checkpointRuns('durable', [stepDone(RUN)], null),
  checkpointRuns('durable', [allDetails(RUN, 0)], null),
  loadJournal('durable', [RUN.id]),
  loadFailures('durable', [RUN.id], null),
  loadProgress('durable', [RUN.id]),
  nextSignal('durable', RUN.id, ['approved']),
  wakeParents('durable', [RUN.id], null),
  inspectRuns('durable', [RUN.id]),
  findEnded('durable', [RUN.id]),
  findExistingRuns('durable', [newRun(0)]),
  findOrphaners('durable'),
  reclaimOrphans('durable', null),
  settleCursors('durable', [RUN.id]),
];

/** A row a process, a plan or a pause: of these, all may be looked at. */
const SMALL = new Set(['worker', 'definition', 'pause']);
/** The sweep jumps to the first entry of this index, which takes no condition, and stops there. */
const FIRST_ENTRY = 'run_held';

describe('on an empty schema without statistics', () => {
  let database: TestDatabase;
  let client: EngineClient;

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new EngineClient({ connectionString: database.url }, { role: 'plans', statementTimeoutMs: 10_000 });
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  it.each(STATEMENTS.map((statement) => [statement.name!, statement] as const))(
    'plans to find every row by an index: %s',
    async (_name, statement) => {
      const send = (text: string): ReturnType<EngineClient['query']> => client.query({ text, values: [] });
      const { scans } = await explain(send, statement, { plan: 'generic', execute: false });
      const endToEnd = scans.filter(({ table, index, condition }) => {
        return !SMALL.has(table) && index !== FIRST_ENTRY && condition === '';
      });
      expect(endToEnd).toEqual([]);
    },
  );

  it('keeps one plan for all parameters from the first execution on', async () => {
    const { rows } = await client.query({
      text: `select current_setting('plan_cache_mode') as plans, current_setting('enable_seqscan') as scans`,
      values: [],
    });
    expect(rows).toEqual([{ plans: 'force_generic_plan', scans: 'off' }]);
  });
});

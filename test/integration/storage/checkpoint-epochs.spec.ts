/**
 * Covers: one batch with checkpoints of two epochs of a run, as a worker sends that lost the run and claimed it again; and a
 * batch, or a start, that is sent twice, because the answer to the first was lost.
 * What a late checkpoint of another worker meets: the fencing tests of test/integration/engine.
 */
import { Client } from 'pg';
import type { NewRun } from '../../../lib/storage/contract/records.js';
import { beginRun } from '../../../lib/storage/postgres/sql/begin-run.sql.js';
import { checkpointUnits } from '../../../lib/storage/postgres/sql/checkpoint-units.sql.js';
import { checkpointRuns } from '../../../lib/storage/postgres/sql/checkpoint.sql.js';
import { insertRuns } from '../../../lib/storage/postgres/sql/insert-runs.sql.js';
import { journalLastUnit } from '../../../lib/storage/postgres/sql/last-unit.sql.js';
import { toOutcomes } from '../../../lib/storage/postgres/checkpoint-outcomes.js';
import type { CheckpointRow } from '../../../lib/storage/postgres/rows.js';
import { createRuns, type StartQuery } from '../../../lib/storage/postgres/start-outcomes.js';
import { addRuns, DEAD_WORKER, WORKER } from '../../plans/large-tables.js';
import type { SqlStatement } from '../../../lib/storage/postgres/sql/sql-statement.js';
import { allDetails, lastStep, newRun, parks, readSamples, stepDone } from '../../plans/samples.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let client: Client;

beforeEach(async () => {
  database = await createTestDatabase({ keptSessions: true });
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

it('writes nothing of the earlier epoch, although the later one passes', async () => {
  await addRuns(client, { count: 1, status: `'running'`, worker: `'${WORKER}'` });
  await client.query('update durable.run set epoch = 2');
  const [run] = (await readSamples(client)).held;
  const details = allDetails({ ...run, epoch: 1 }, 0);
  const stale = { ...details, journal: details.journal.map((row) => ({ ...row, key: 'stale' })), children: [] };
  const { text, values } = checkpointRuns('durable', [stale, stepDone(run)], null);

  const { rows } = await client.query<{ ordinal: number; passed: boolean }>(text, [...values]);

  const byOrdinal = rows.sort((a, b) => a.ordinal - b.ordinal).map(({ passed }) => passed);
  expect(byOrdinal).toEqual([false, true]);
  const written = await client.query(`
    select 'journal' as table, epoch from durable.journal
     union all select 'attempt', epoch from durable.attempt
     union all select 'progress', null from durable.progress`);
  expect(written.rows).toEqual([{ table: 'journal', epoch: 2 }]);
});

it('writes nothing of the earlier epoch where only finished units are written', async () => {
  await addRuns(client, { count: 1, status: `'running'`, worker: `'${WORKER}'` });
  await client.query('update durable.run set epoch = 2');
  const [run] = (await readSamples(client)).held;
  const stale = {
    ...stepDone({ ...run, epoch: 1 }),
    journal: stepDone(run).journal.map((row) => ({ ...row, key: 'stale' })),
  };

  const alone = checkpointUnits('durable', [stale], null)!;
  expect((await client.query<CheckpointRow>(alone.text, [...alone.values])).rows).toMatchObject([
    { ordinal: 1, passed: false, mine: false },
    { ordinal: 0, wakeups: 0 },
  ]);
  const last = journalLastUnit('durable', [lastStep({ ...run, epoch: 1 })], null)!;
  expect((await client.query(last.text, [...last.values])).rowCount).toBe(0);
  const both = checkpointUnits('durable', [stale, stepDone(run)], null)!;
  const { rows } = await client.query<CheckpointRow>(both.text, [...both.values]);

  const found = rows.sort((a, b) => a.ordinal - b.ordinal);
  expect(found).toEqual([
    expect.objectContaining({ ordinal: 0, wakeups: 1 }),
    expect.objectContaining({ ordinal: 1, passed: false, mine: false }),
  ]);
  expect((await client.query('select epoch from durable.journal')).rows).toEqual([{ epoch: 2 }]);
});

it('has a row for those finished units only that have something to tell', async () => {
  await addRuns(client, { count: 3, status: `'running'`, worker: `'${WORKER}'` });
  const { held } = await readSamples(client);
  await client.query('update durable.run set wakeups = 3 where id = $1', [held[1].id]);
  const batch = held.slice(0, 3).map(stepDone);
  const { text, values } = checkpointUnits('durable', batch, null)!;
  const { rows } = await client.query<CheckpointRow>(text, [...values]);

  expect(rows.map(({ ordinal, wakeups }) => [ordinal, wakeups]).sort()).toEqual([
    [0, 2],
    [2, 3],
  ]);
  const silent = { outcome: 'committed', wakeups: 0, cancel: null, paused: false };
  expect(toOutcomes(batch, rows)).toEqual([silent, { ...silent, wakeups: 3 }, silent]);
  // One too few were written: nobody knows which.
  const short = rows.map((row) => (row.ordinal === 0 ? { ...row, wakeups: 1 } : row));
  expect(toOutcomes(batch, short)).toMatchObject([{ outcome: 'lost' }, { wakeups: 3 }, { outcome: 'lost' }]);
});

it('a park that is written again, because its answer was lost, leaves the run to what woke it meanwhile', async () => {
  await addRuns(client, { count: 2, status: `'running'`, worker: `'${WORKER}'` });
  const [run, other] = (await readSamples(client)).held;
  const park = checkpointRuns('durable', [parks(run)], null);
  const write = async ({ text, values }: SqlStatement) =>
    (await client.query<CheckpointRow>(text, [...values])).rows.map(({ passed, applied, mine }) => ({
      ...{ passed, applied, mine },
    }));
  const row = async () => (await client.query('select * from durable.run where id = $1', [run.id])).rows[0];
  expect(await write(park)).toEqual([{ passed: true, applied: true, mine: false }]);
  await client.query(`update durable.run set wakeups = wakeups + 1, awaiting = null, due_at = now() where id = $1`, [
    run.id,
  ]);
  const woken = await row();

  expect(await write(park)).toEqual([{ passed: true, applied: true, mine: false }]);
  expect(await row()).toEqual(woken);
  // What would go on with it does not hold it any more.
  const gone = { passed: false, applied: false, mine: false };
  expect(await write(checkpointRuns('durable', [stepDone(run)], null))).toEqual([gone]);
  const summary = { passed: true, applied: true, mine: false };
  expect(await write(checkpointUnits('durable', [stepDone(run)], null)!)).toEqual([gone, summary]);
  const both = await write(checkpointUnits('durable', [stepDone(run), stepDone(other)], null)!);
  expect(both).toEqual([gone, summary]);
  expect(await row()).toEqual(woken);
});

it('an end that is written again, because its answer was lost, changes nothing', async () => {
  await addRuns(client, { count: 1, status: `'running'`, worker: `'${WORKER}'` });
  const [run] = (await readSamples(client)).held;
  const ends = lastStep(run);
  const { text, values } = journalLastUnit('durable', [ends], null)!;
  const row = async () => (await client.query('select * from durable.run where id = $1', [run.id])).rows[0];
  const first = await client.query(text, [...values]);
  const ended = await row();

  const again = await client.query(text, [...values]);
  const whole = checkpointRuns('durable', [ends], null);
  const { rows } = await client.query<CheckpointRow>(whole.text, [...whole.values]);

  expect([first.rowCount, again.rowCount]).toEqual([1, 0]);
  expect(ended).toMatchObject({ status: 'completed', cursor: 4, worker_id: null, finished_at: expect.any(Date) });
  expect(rows).toMatchObject([{ passed: true, applied: true }]);
  expect(await row()).toEqual(ended);
});

it.each([
  ['something came in', 'update durable.run set wakeups = wakeups + 1'],
  ['its run was let go', 'update durable.run set worker_id = null'],
])('the last unit of a run is not written when %s', async (_, happens) => {
  await addRuns(client, { count: 1, status: `'running'`, worker: `'${WORKER}'` });
  const [run] = (await readSamples(client)).held;
  await client.query(happens);
  const before = await client.query('select * from durable.run');
  const { text, values } = journalLastUnit('durable', [lastStep(run)], null)!;

  expect((await client.query(text, [...values])).rowCount).toBe(0);

  expect((await client.query('select * from durable.run')).rows).toEqual(before.rows);
  expect((await client.query('select from durable.journal')).rowCount).toBe(0);
});

it('the last unit of a run waits for nobody who holds its row', async () => {
  await addRuns(client, { count: 1, status: `'running'`, worker: `'${WORKER}'` });
  const [run] = (await readSamples(client)).held;
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query('select from durable.run where id = $1 for update', [run.id]);
  const { text, values } = journalLastUnit('durable', [lastStep(run)], null)!;

  expect((await client.query(text, [...values])).rowCount).toBe(0);
  await holder.query('rollback');
  expect((await client.query(text, [...values])).rowCount).toBe(1);
  await holder.end();
});

it('a checkpoint that is written twice leaves what it leaves when it is written once', async () => {
  await addRuns(client, { count: 1, status: `'running'`, worker: `'${WORKER}'` });
  const [run] = (await readSamples(client)).held;
  const { text, values } = checkpointRuns('durable', [allDetails(run, 0)], new Date('2030-01-01T00:00:00Z'));
  const everything = async (): Promise<unknown[]> => {
    const { rows } = await client.query(`
      select 'run' as table, to_jsonb(r) as row from durable.run r
       union all select 'journal', to_jsonb(j) from durable.journal j
       union all select 'attempt', to_jsonb(a) from durable.attempt a
       union all select 'progress', to_jsonb(p) from durable.progress p
       order by 1, 2`);
    return rows;
  };

  const first = await client.query(text, [...values]);
  const written = await everything();
  const second = await client.query(text, [...values]);

  expect([...first.rows, ...second.rows].map(({ passed }) => passed)).toEqual([true, true]);
  expect(await everything()).toEqual(written);
  expect(written.length).toBeGreaterThanOrEqual(4);
});

describe('a run that is begun at once', () => {
  const begin = async () => {
    const { text, values } = beginRun('durable', [newRun(1)], null)!;
    return (await client.query(text, [...values])).rowCount;
  };
  const rows = async () => (await client.query('select * from durable.run')).rows;

  it('stands as one that was created in the other way', async () => {
    const { text, values } = insertRuns('durable', [newRun(1)], null);
    await client.query(text, [...values]);
    const [other] = await rows();
    await client.query('delete from durable.run');

    expect(await begin()).toBe(1);

    const time = expect.any(Date);
    expect(await rows()).toEqual([{ ...other, created_at: time, started_at: time, updated_at: time }]);
  });

  it('is not created while its workflow is paused', async () => {
    await client.query(
      `insert into durable.pause (workflow, version, reason, paused_at) values ('order', 0, '', now())`,
    );
    expect(await begin()).toBe(0);
    expect(await rows()).toEqual([]);
  });

  it('is refused when it is created again', async () => {
    await begin();
    await expect(begin()).rejects.toMatchObject({ code: '23505', constraint: 'run_pkey' });
  });

  it.each<[string, Partial<NewRun>]>([
    ['waits for a claim', { worker: null }],
    ['has a key', { idempotencyKey: 'one' }],
    ['has a time', { due: { delayMs: 1 } }],
    ['has a deadline', { timeoutMs: 1 }],
    ['has a parent', { parentId: newRun(2).id }],
    ['has tags', { tags: ['vip'] }],
    ['has a trace', { trace: 'trace' }],
  ])('takes the other statement when it %s', (_, change) => {
    expect(beginRun('durable', [newRun(1, change)], null)).toBeNull();
  });
});

describe('a start that is written again, because its answer was lost,', () => {
  const query: StartQuery = async <Row>({ text, values }: SqlStatement) =>
    (await client.query(text, [...values])).rows as Row[];

  it.each([
    ['goes on here, where it is held here', WORKER, 'running'],
    ['is left to the worker that has claimed it since', DEAD_WORKER, 'pending'],
  ])('%s', async (_, holder, status) => {
    const run = newRun(1);
    const first = await createRuns('durable', [run], null, query);
    await client.query('update durable.run set worker_id = $1', [holder]);

    const again = await createRuns('durable', [run], null, query);

    expect(first).toEqual([{ id: run.id, created: true, status: 'running', existingInput: null }]);
    expect(again).toEqual([{ id: run.id, created: true, status, existingInput: null }]);
  });
});

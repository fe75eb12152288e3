/**
 * Covers: retries of failed runs, on rows that are written as the engine writes them: from where they failed and from an
 * earlier node, what is refused, and the line in the audit trail. The other orders: run-repair.spec.ts. What the engine makes
 * of it is covered by test/integration/runner.
 */
import type { RunStatus } from '../../../lib/definition/run-state.js';
import { StoreUnavailableError } from '../../../lib/errors/index.js';
import { NOW, client, repair, rows, schema } from './hostile-schema.fixture.js';
import { endSessions, OF_ADMIN } from '../../support/sessions/end-sessions.js';

const by = { by: 'Ann', reason: "it's broken" };
const error = { name: 'Error', message: 'no' };

/** The lines of the audit trail, without ids and times. */
async function trail(): Promise<unknown[]> {
  const lines = await rows.all('operation');
  return lines.map(({ action, by: who, reason, before, after }) => ({ action, by: who, reason, before, after }));
}

describe('retry', () => {
  it('makes a failed run due with its attempts back, out of reach of its last holder', async () => {
    const id = await rows.run('failed', {
      ...{ epoch: 7, deliveries: 5, cursor: 2, error, deadline_at: rows.before(1), paused_at: rows.before(1) },
    });
    await rows.journal(id, 'charge');

    expect(await repair.retry(id, null, by)).toEqual({ outcome: 'accepted', status: 'pending', queue: 'durable' });
    expect(await rows.row(id)).toMatchObject({
      ...{ status: 'pending', epoch: 8, retried_epoch: 7, deliveries: 0, cursor: 2, wakeups: 1, error: null },
      ...{ due_at: NOW, deadline_at: null, finished_at: null, updated_at: NOW, paused_at: null },
    });
    expect(await trail()).toEqual([
      { action: 'retry', ...by, before: { status: 'failed', cursor: 2 }, after: { status: 'pending', cursor: 2 } },
    ]);
  });

  it('keeps a deadline that has not passed', async () => {
    const later = new Date('2030-07-01');
    const id = await rows.run('failed', { deadline_at: later });

    await repair.retry(id, null, by);

    expect(await rows.row(id)).toMatchObject({ deadline_at: later });
  });

  it('lets a compensation go on, and keeps the error that it ends with', async () => {
    const id = await rows.run('compensation_failed', { error, epoch: 2 });
    await rows.journal(id, 'charge');
    await rows.journal(id, 'undo:reserve', 1);

    expect(await repair.retry(id, null, by)).toEqual({ outcome: 'accepted', status: 'compensating', queue: 'durable' });
    expect(await rows.row(id)).toMatchObject({
      ...{ status: 'compensating', error, epoch: 3, retried_epoch: 2, due_at: NOW },
    });
  });

  it('refuses a run whose nodes were undone, and names them once each', async () => {
    const id = await rows.run('failed');
    await rows.journal(id, 'charge');
    await rows.journal(id, 'undo:notify.sms', 2);
    await rows.journal(id, 'undo:notify.email', 3);
    await rows.journal(id, 'undo:charge', 4);
    const unchanged = await rows.row(id);

    expect(await repair.retry(id, null, by)).toEqual({
      ...{ outcome: 'undone', status: 'failed', nodes: ['notify', 'charge'] },
    });
    expect(await rows.row(id)).toEqual(unchanged);
    expect(await trail()).toEqual([]);
  });

  it.each<RunStatus>(['pending', 'running', 'suspended', 'compensating', 'completed', 'canceled'])(
    'leaves a %s run alone',
    async (status) => {
      const id = await rows.run(status);
      const unchanged = await rows.row(id);

      expect(await repair.retry(id, null, by)).toEqual({ outcome: 'not_failed', status });
      expect(await repair.retry(id, 'charge', by)).toEqual({ outcome: 'not_failed', status });
      expect(await rows.row(id)).toEqual(unchanged);
    },
  );

  it('accepts one of several', async () => {
    const id = await rows.run('failed');

    const outcomes = await Promise.all(Array.from({ length: 4 }, () => repair.retry(id, null, by)));

    expect(outcomes.map((outcome) => outcome?.outcome).sort()).toEqual([
      ...['accepted', 'not_failed', 'not_failed', 'not_failed'],
    ]);
    expect(await trail()).toHaveLength(1);
  });

  it('says so when it is cut off, because its outcome is unknown', async () => {
    const id = await rows.run('failed');
    await client.query(
      `create function ${schema}.slow() returns trigger language plpgsql as 'begin perform pg_sleep(30); return new; end'`,
    );
    await client.query(
      `create trigger slow before update on ${schema}.run for each row execute function ${schema}.slow()`,
    );
    const failure = repair.retry(id, null, by).catch((reason: unknown) => reason);

    for (let sleeping = 0; sleeping === 0;) {
      const { rowCount } = await client.query(
        `select from pg_stat_activity where datname = current_database() and application_name like 'nest-durable:admin%' and wait_event = 'PgSleep'`,
      );
      sleeping = rowCount ?? 0;
    }
    await endSessions(client, OF_ADMIN);
    await client.query(`drop trigger slow on ${schema}.run; drop function ${schema}.slow`);

    expect(await failure).toBeInstanceOf(StoreUnavailableError);
    expect(await rows.row(id)).toMatchObject({ status: 'failed' });
  });
});

describe('retry from an earlier node', () => {
  beforeEach(() => rows.plan('charge', 'notify', 'pack', 'ship', 'close'));

  /** Failed at "ship", with everything undone from "notify" on. */
  async function failed(columns: Record<string, unknown> = {}): Promise<string> {
    const id = await rows.run('failed', { cursor: 3, error, ...columns });
    await rows.journal(id, 'charge', 0);
    await rows.journal(id, 'notify.email', 1);
    await rows.journal(id, 'notify', 2, { kind: 'composite' });
    await rows.journal(id, 'items:pack', 3, { kind: 'items' });
    await rows.journal(id, 'pack#0', 4);
    await rows.journal(id, 'wait:ship', 5, { kind: 'suspension' });
    await rows.journal(id, 'undo:notify.email', 6);
    return id;
  }

  it('moves the rows of that node and of every later one to the archive', async () => {
    const id = await failed();
    await rows.insert('progress', { run_id: id, key: 'ship', value: '1', updated_at: NOW });

    expect(await repair.retry(id, 'notify', by)).toEqual({ outcome: 'accepted', status: 'pending', queue: 'durable' });

    const archived = ['notify.email', 'notify', 'items:pack', 'pack#0', 'wait:ship', 'undo:notify.email'];
    expect(await rows.keys(id)).toEqual(['charge']);
    expect(await rows.keys(id, 'journal_archive')).toEqual(archived);
    expect(await rows.all('progress')).toEqual([]);
    expect(await rows.row(id)).toMatchObject({ status: 'pending', cursor: 1, error: null, due_at: NOW });
    const [operation] = await rows.all('operation');
    expect(operation).toMatchObject({
      before: { status: 'failed', cursor: 3 },
      after: { status: 'pending', cursor: 1, from: 'notify', archived },
    });
    const [row] = (await client.query(`select * from ${schema}.journal_archive where key = 'pack#0'`)).rows;
    expect(row).toEqual({
      ...{ run_id: id, operation_id: operation.id, key: 'pack#0', kind: 'step', position: 4, attempt: 1, epoch: 1 },
      ...{ cursor: 0, duration_ms: 1.5, completed_at: rows.before(3_600_000), result: { ok: true } },
    });
  });

  it('goes on from the node that failed, which begins anew', async () => {
    const id = await rows.run('failed', { cursor: 3 });
    await rows.journal(id, 'charge');
    await rows.journal(id, 'ship.a', 1);

    await repair.retry(id, 'ship', by);

    expect(await rows.keys(id)).toEqual(['charge']);
    expect(await rows.row(id)).toMatchObject({ status: 'pending', cursor: 3 });
  });

  it('refuses to build upon what was undone before that node', async () => {
    const id = await failed();
    await rows.journal(id, 'undo:charge', 7);
    const unchanged = [await rows.row(id), await rows.keys(id)];

    expect(await repair.retry(id, 'notify', by)).toEqual({ outcome: 'undone', status: 'failed', nodes: ['charge'] });
    expect([await rows.row(id), await rows.keys(id)]).toEqual(unchanged);
    expect(await repair.retry(id, 'charge', by)).toMatchObject({ outcome: 'accepted' });
    expect(await rows.keys(id)).toEqual([]);
  });

  it('goes forward again from where an undo gave up, and takes what that undo began for undone', async () => {
    const id = await failed({ status: 'compensation_failed', retried_epoch: 4 });
    await rows.attempt(id, 'undo:charge', { epoch: 4 });
    await rows.attempt(id, 'undo:notify.email', { epoch: 5 });

    expect(await repair.retry(id, 'pack', by)).toMatchObject({ outcome: 'undone', nodes: ['notify'] });
    expect(await repair.retry(id, 'notify', by)).toMatchObject({ outcome: 'accepted', status: 'pending' });
    expect(await rows.row(id)).toMatchObject({ error: null, cursor: 1 });
  });

  it('never lets a canceled run go forward', async () => {
    const id = await failed({ status: 'compensation_failed', cancel: { reason: null, compensate: true } });

    expect(await repair.retry(id, 'notify', by)).toEqual({ outcome: 'canceling', status: 'compensation_failed' });
  });

  it('names the nodes when it knows none of that name, or has not reached it', async () => {
    const id = await failed();

    expect(await repair.retry(id, 'sihp', by)).toEqual({
      ...{ outcome: 'unknown_node', status: 'failed', nodes: ['charge', 'notify', 'pack', 'ship', 'close'] },
    });
    expect(await repair.retry(id, 'close', by)).toEqual({
      ...{ outcome: 'not_reached', status: 'failed', nodes: ['charge', 'notify', 'pack', 'ship'] },
    });
  });

  it('can be asked again and again, each time with an archive of its own', async () => {
    const id = await failed();
    await repair.retry(id, 'notify', by);
    await rows.journal(id, 'notify.email', 1);
    await client.query(`update ${schema}.run set status = 'failed', cursor = 3 where id = $1`, [id]);

    await repair.retry(id, 'notify', by);

    expect(await rows.keys(id)).toEqual(['charge']);
    expect((await rows.keys(id, 'journal_archive')).filter((key) => key === 'notify.email')).toHaveLength(2);
  });
});

/*
 * Covers statements that waited for the row of a run and find it changed. PostgreSQL executes parts of them anew then, and
 * PostgreSQL 18.4 crashes when one of those parts looks into the journal by a column of that row; see run-progress.sql.ts.
 */
import { durable } from '../../../lib/index.js';
import { DurableApps, until } from '../../support/durable-app.js';

const apps = new DurableApps();

const BLOCKED = `select from pg_stat_activity
  where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`;
const CLAIM = `update durable.run set worker_id = gen_random_uuid(), epoch = epoch + 1, status = 'running', due_at = null where id = $1`;

it('ends a child that somebody claims while its parent is terminated', async () => {
  const child = durable('child').step('first', () => 1);
  const parent = durable('parent').childWorkflow('child', 'child', undefined, { parentClose: 'terminate' });
  const { runner } = await apps.boot({ workflows: [parent, child] });
  await runner.pause({ workflow: 'child' });
  const { id } = await runner.start('parent', null);
  const [born] = await until(
    () => apps.sql<{ id: string }>('select id from durable.run where parent_id = $1', [id]),
    (rows) => rows.length === 1,
  );

  await apps.withClient(async (claimer) => {
    await claimer.query('begin');
    await claimer.query(CLAIM, [born.id]);
    const terminated = runner.terminate(id);
    await until(
      () => apps.sql(BLOCKED),
      (waiting) => waiting.length > 0,
    );
    await claimer.query('commit');
    await terminated;
  });

  const row = await apps.runRow(born.id);
  expect({ status: row.status as string, epoch: row.epoch as number }).toEqual({ status: 'canceled', epoch: 2 });
});

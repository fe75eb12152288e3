/*
 * Covers what happens at the commit of a step's own transaction: its run is taken over, it ends a child, a signal comes in,
 * its connection is cut. What steps do to their transactions is in ../engine/mistreated-transactions.spec.ts.
 */
import type { Client } from 'pg';
import type { DurableContext } from '../../../lib/index.js';
import { durable } from '../../../lib/index.js';
import type { Checkpoint } from '../../../lib/storage/contract/records.js';
import { checkpointRuns } from '../../../lib/storage/postgres/sql/checkpoint.sql.js';
import { DurableApps, until } from '../../support/durable-app.js';

const apps = new DurableApps();

it('wakes the parent when it ends a child', async () => {
  const child = durable('booking').step('book', (ctx) => ctx.manager.query('select 1 as seat'), {
    transactional: true,
  });
  const parent = durable('trip').childWorkflow('booking', 'booking');
  const { runner, testing } = await apps.bootVirtual({ workflows: [parent, child] });
  const run = await runner.start('trip');
  await testing.drain();
  await expect(run.snapshot()).resolves.toMatchObject({
    status: 'completed',
    result: { booking: { book: [{ seat: 1 }] } },
  });
});

it('is lost, and not the fault of the step, when a takeover commits while it waits for the row', async () => {
  const app = await apps.boot({ worker: false, workflows: [durable('booking').step('book', () => null)] });
  const { id } = await app.runner.start('booking');
  await apps.withClient((sweep) =>
    apps.withClient(async (step) => {
      const pid = await backend(step);
      await step.query('begin');
      const [{ began }] = (await step.query<{ began: string }>('select now()::text as began')).rows;
      await sweep.query('begin');
      await sweep.query('update durable.run set epoch = epoch + 1 where id = $1', [id]);
      const { text, values } = checkpointRuns('"durable"', [completing(id)], null, { began });
      const written = step.query<{ passed: boolean; mine: boolean }>(text, [...values]);
      await until(
        () => apps.sql<{ waits: boolean }>('select cardinality(pg_blocking_pids($1)) > 0 as waits', [pid]),
        ([{ waits }]) => waits,
      );
      await sweep.query('commit');
      expect((await written).rows).toMatchObject([{ passed: false, mine: false }]);
    }),
  );
});

it('ends the run also when a signal refused the ending and the answer to the commit is lost', async () => {
  const booking = durable('booking').step(
    'book',
    async (ctx) => {
      await app.runner.signal(ctx.runId, 'hurry');
      await loseTheAnswerToCommit(ctx);
      return 'booked';
    },
    { transactional: true, maxAttempts: 1 },
  );
  const app = await apps.boot({ workflows: [booking] });
  const run = await app.runner.start('booking');
  await expect(run.result()).resolves.toEqual({ book: 'booked' });
  expect(await apps.runRow(run.id)).toMatchObject({ status: 'completed', worker_id: null });
});

async function backend(client: Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0].pid;
}

/** The commit reaches the server; then the connection is gone. */
async function loseTheAnswerToCommit(ctx: DurableContext): Promise<void> {
  const client = (await ctx.manager.queryRunner!.connect()) as Client;
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  client.query = (async (...args: unknown[]) => {
    const result = await query(...args);
    if (args[0] !== 'COMMIT') return result;
    await client.end();
    throw new Error('Connection terminated unexpectedly');
  }) as Client['query'];
}

function completing(runId: string): Checkpoint {
  const nothing = { journal: [], attempts: [], progress: [], children: [], consumed: [] };
  const move = {
    status: 'completed',
    cursor: 1,
    held: false,
    quiet: false,
    due: null,
    awaiting: null,
    error: null,
    ifWakeups: null,
  };
  return { runId, epoch: 0, seen: 0, ...nothing, move, parentId: null } as Checkpoint;
}

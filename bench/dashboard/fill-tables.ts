import { withClient } from '../database/bench-server.js';
import { copyRun } from '../database/many-runs.js';
import { DurableSubject } from '../subjects/durable.subject.js';
import { untilSuspended } from '../workloads/table-size.workloads.js';

/** With ten steps each, a million journal rows. */
const FINISHED = 100_000;
const PARKED = 2_000;

/**
 * A database as after a week of work: runs of ten steps that ended through all of it, one of fifty failed, one of ten with
 * a tag, and runs that wait for a signal.
 *
 * @returns the id of a run to look at.
 */
export async function fillTables(url: string): Promise<string> {
  const subject = await DurableSubject.start({ url, role: 'worker', inFlight: 1 }, () => undefined);
  try {
    await subject.run('ten-steps');
    await subject.parking.startMany(1);
    await untilSuspended(url, 1);
  } finally {
    await subject.close();
  }
  await copyRun(url, `status = 'completed'`, FINISHED);
  await copyRun(url, `status = 'suspended'`, PARKED, FINISHED);
  return withClient(url, async (client) => {
    await client.query(`
      with run as (
        select id, ('x' || right(id::text, 12))::bit(48)::bigint as n from durable.run where status = 'completed'
      )
      update durable.run r
         set created_at = now() - interval '7 days' * (1 - run.n / ${FINISHED}::float8),
             finished_at = now() - interval '7 days' * (1 - run.n / ${FINISHED}::float8) + interval '1 second',
             tags = case when run.n % 10 = 0 then array['vip'] else '{}' end,
             status = case when run.n % 50 = 0 then 'failed' else 'completed' end,
             error = case when run.n % 50 = 0 then '{"name":"Error","message":"the carrier did not answer"}'::json end
        from run where run.id = r.id and run.n <= ${FINISHED}`);
    await client.query('vacuum (full, analyze) durable.run');
    const { rows } = await client.query<{ id: string }>(`select id from durable.run where status = 'failed' limit 1`);
    return rows[0].id;
  });
}

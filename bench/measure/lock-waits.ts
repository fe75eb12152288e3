import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

/** Often enough for a share of a percent in a window of seconds, without being a load. */
const EVERY_MS = 10;

/** Backends that do something, and those of them that wait for a lock of another transaction. */
const SAMPLE = `
select count(*)::int as busy, count(*) filter (where wait_event_type = 'Lock')::int as waiting
from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and state <> 'idle' and pid <> pg_backend_pid()`;

/** The share of the backends' busy time that they wait for locks while `work` goes on, by samples; 0 to 1. */
export async function sampleLockWaits<T>(url: string, work: () => Promise<T>): Promise<{ result: T; share: number }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let ended = false;
  let busy = 0;
  let waiting = 0;
  const sampling = async (): Promise<void> => {
    while (!ended) {
      const { rows } = await client.query<{ busy: number; waiting: number }>({ name: 'locks', text: SAMPLE });
      busy += rows[0].busy;
      waiting += rows[0].waiting;
      await delay(EVERY_MS);
    }
  };
  const sampler = sampling();
  try {
    const result = await work();
    return { result, share: busy === 0 ? 0 : waiting / busy };
  } finally {
    ended = true;
    await sampler;
    await client.end();
  }
}

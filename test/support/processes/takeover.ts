import type { Client } from 'pg';

/** Milliseconds from a kill until runs went on elsewhere. */
export interface TakeoverTimes {
  /** Runs that went on elsewhere; the last checkpoint of a dead process may still have ended one. */
  readonly runs: number;
  readonly first: number;
  readonly median: number;
  readonly worst: number;
}

/** When the runs that a dead process held had their next effect in another process. */
export async function takeoverTimes(
  client: Client,
  runIds: readonly string[],
  deadPid: number,
  killedAt: Date,
): Promise<TakeoverTimes> {
  const { rows } = await client.query<{ ms: number }>(
    `select extract(epoch from min(e.began_at) - $3::timestamptz)::float8 * 1000 as ms
       from (select run_id, pid, began_at from outside_effect
             union all select run_id, pid, began_at from inside_effect) e
      where e.run_id = any ($1::uuid[]) and e.pid <> $2
      group by e.run_id order by 1`,
    [runIds, deadPid, killedAt.toISOString()],
  );
  return summary(rows.map((row) => row.ms));
}

/** From a run's last checkpoint in the process that handed it back until its first effect in the one that went on. */
export async function handoverTimes(
  client: Client,
  runIds: readonly string[],
  heirPid: number,
): Promise<TakeoverTimes> {
  const { rows } = await client.query<{ ms: number }>(
    `select extract(epoch from e.began_at - j.completed_at)::float8 * 1000 as ms
       from (select run_id, min(began_at) as began_at
               from (select run_id, pid, began_at from outside_effect
                     union all select run_id, pid, began_at from inside_effect) effect
              where pid = $2 group by run_id) e
       join (select run_id, max(completed_at) as completed_at from durable.journal where epoch = 1 group by run_id) j
            using (run_id)
      where run_id = any ($1::uuid[]) order by 1`,
    [runIds, heirPid],
  );
  return summary(rows.map((row) => row.ms));
}

function summary(ms: readonly number[]): TakeoverTimes {
  const times = ms.map(Math.round);
  return {
    runs: times.length,
    first: times[0] ?? NaN,
    median: times[Math.floor(times.length / 2)] ?? NaN,
    worst: times.at(-1) ?? NaN,
  };
}

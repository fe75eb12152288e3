import type { Client } from 'pg';

/** What the plans of `plans.mjs` write down. */
export const LEDGERS = `
create table effect (run_id uuid, key text, idempotency_key text, pid int, at timestamptz default clock_timestamp());
create table inside (run_id uuid, key text)`;

/** What can be told of a run afterwards, without ids, times and what depends on them. */
export interface Trail {
  readonly status: string;
  readonly error: string | null;
  readonly journal: readonly string[];
  readonly failedAttempts: readonly string[];
  readonly inside: readonly string[];
  readonly child: Trail | null;
}

export async function trailOf(client: Client, runId: string): Promise<Trail> {
  const rows = async <Row>(text: string): Promise<Row[]> => (await client.query(text, [runId])).rows as Row[];
  const [run] = await rows<{ status: string; error: string | null }>(
    `select status, error ->> 'message' as error from durable.run where id = $1`,
  );
  const journal = await rows<{ line: string }>(
    `select key || ' ' || kind || case when kind <> 'suspension' then ' ' || (result::text) else '' end as line
       from durable.journal where run_id = $1 order by position`,
  );
  const attempts = await rows<{ line: string }>(
    `select key || ' ' || attempt || case when final then ' final ' else ' ' end || (error ->> 'message') as line
       from durable.attempt where run_id = $1 order by failed_at`,
  );
  const inside = await rows<{ key: string }>('select key from inside where run_id = $1 order by key');
  const children = await rows<{ id: string }>('select id from durable.run where parent_id = $1');
  if (children.length > 1) throw new Error(`run ${runId} has ${children.length} children by one call`);
  return {
    ...{ status: run.status, error: withoutIds(run.error) },
    journal: journal.map(({ line }) => line),
    failedAttempts: attempts.map(({ line }) => withoutIds(line)!),
    inside: inside.map(({ key }) => key),
    child: children[0] ? await trailOf(client, children[0].id) : null,
  };
}

function withoutIds(text: string | null): string | null {
  return text?.replace(/[0-9a-f-]{36}/g, '<id>') ?? null;
}

/** Effects that happened behind their journal row, or under a key that is not their own: must never be any. */
export async function harmfulEffects(client: Client): Promise<unknown[]> {
  const { rows } = await client.query(
    `select e.run_id, e.key, 'began behind its journal row' as what
       from effect e join durable.journal j on j.run_id = e.run_id and j.key = e.key where e.at > j.completed_at
      union all
     select run_id, key, 'had the key ' || idempotency_key from effect where idempotency_key <> run_id || ':' || key`,
  );
  return rows;
}

/** Units of each run that more than one process executed. */
export async function unitsRepeated(client: Client): Promise<readonly { runId: string; units: number }[]> {
  const { rows } = await client.query<{ runId: string; units: number }>(
    `select run_id as "runId", count(*)::int as units
       from (select run_id, key from effect group by 1, 2 having count(distinct pid) > 1) again group by 1`,
  );
  return rows;
}

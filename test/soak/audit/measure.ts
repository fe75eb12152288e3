import type { Client } from 'pg';
import type { SoakCounts } from '../minima.js';
import type { Nemesis } from '../nemesis/nemesis.js';

/** Milliseconds from a SIGKILL until a run went on in another process. */
export interface TakeoverTimes {
  readonly runs: number;
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  readonly worst: number;
  readonly slowest: readonly SlowTakeover[] | null;
}

interface SlowTakeover {
  readonly run_id: string;
  readonly killed_at: string;
  readonly ms: number;
  /** When the dead process's run was given back, after the kill. */
  readonly given_back_ms: number;
  /** Deliveries that the run had had: the third and later ones are made one at a time. */
  readonly deliveries: number;
}

export interface Measures {
  readonly counts: SoakCounts;
  readonly runs: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly journalRows: number;
  readonly effects: number;
  /** Only of kills that no outage of the server followed. */
  readonly takeover: TakeoverTimes;
}

/**
 * A takeover gives a run another holder although its holder has not let it go: its epoch rose and another one claimed it.
 * Counted are the holders, of whom each may have had twenty runs.
 */
const TAKEOVERS = `
select count(distinct h.worker_before)::int as count
  from soak.run_history h
 where h.worker_before is not null and h.worker_id is null and h.epoch = h.epoch_before + 1
   and h.status in ('pending', 'compensating')
   and exists (select from soak.run_history c
                where c.run_id = h.run_id and c.seq > h.seq and c.worker_id is not null and c.worker_id <> h.worker_before)`;

/** Kills of a process that had begun an undo and not ended it. */
const CRASHES_IN_UNDO = `
select count(distinct k.seq)::int as count
  from soak.line k join soak.line b on b.by = k.pid and b.event = 'begin' and b.key like 'undo:%' and b.seq < k.seq
 where k.event = 'killed'
   and not exists (select from soak.line e
                    where e.by = b.by and e.event = 'end' and e.run_id = b.run_id and e.key = b.key and e.seq > b.seq)`;

/** Runs that only the second code version can execute wait for it, however many others live. */
const GUEST_RUNS = `
create table soak.guest_run as
  select r.id from durable.run r
   where r.version > 1
      or exists (select from soak.unit u where u.workflow = r.workflow and u.version = r.version and u.appended)`;

/** Up to the first effect in the process that took the run, or up to its claim when the run only waits there. */
const TAKEOVER_TIMES = `
with outage as (
  select * from json_to_recordset($1) as o ("from" timestamptz, "to" timestamptz)
),
taken as (
  select k.at as killed_at, h.run_id, h.at as given_back_at, c.at as claimed_at, c.deliveries, w.pid, c.seq,
         (select l.at from soak.line l
           where l.run_id = h.run_id and l.by = w.pid and l.event = 'begin' and l.at >= c.at - interval '1 millisecond'
             and l.at < coalesce((select min(n.at) from soak.run_history n
                                   where n.run_id = h.run_id and n.seq > c.seq and n.worker_id is null), 'infinity')
           order by l.seq limit 1) as began_at
    from soak.line k
    join soak.worker_history d on d.op = 'INSERT' and d.pid = k.pid
    join soak.run_history h on h.worker_before = d.worker_id and h.worker_id is null and h.epoch = h.epoch_before + 1
     and h.at > k.at and h.status in ('pending', 'compensating')
   cross join lateral (select c.at, c.worker_id, c.seq, c.deliveries from soak.run_history c
                        where c.run_id = h.run_id and c.seq > h.seq and c.worker_id is not null order by c.seq limit 1) c
    join soak.worker_history w on w.op = 'INSERT' and w.worker_id = c.worker_id
   where k.event = 'killed' and not exists (select from soak.guest_run g where g.id = h.run_id)
),
timed as (
  select extract(epoch from coalesce(t.began_at, t.claimed_at) - t.killed_at)::float8 * 1000 as ms,
         extract(epoch from t.given_back_at - t.killed_at)::float8 * 1000 as given_back_ms, t.deliveries, t.run_id, t.killed_at
    from taken t
   where not exists (select from outage o
                      where o."from" < coalesce(t.began_at, t.claimed_at)
                        and o."to" + $2 * interval '1 millisecond' > t.killed_at)
)
select count(*)::int as runs, coalesce(percentile_cont(0.5) within group (order by ms), 0)::int as median,
       coalesce(percentile_cont(0.9) within group (order by ms), 0)::int as p90,
       coalesce(percentile_cont(0.99) within group (order by ms), 0)::int as p99, coalesce(max(ms), 0)::int as worst,
       (select json_agg(s) from (select run_id, killed_at, ms::int, given_back_ms::int, deliveries from timed order by ms desc limit 3) s) as slowest
  from timed`;

/** After a restart of the server a free lock is not taken for a death for so long. */
const GRACE_MS = 2_500;

export async function measure(client: Client, nemesis: Nemesis): Promise<Measures> {
  const count = async (text: string): Promise<number> => (await client.query<{ count: number }>(text)).rows[0].count;
  const { rows: statuses } = await client.query<{ status: string; runs: number }>(
    'select status, count(*)::int as runs from durable.run group by 1 order by 1',
  );
  await client.query(GUEST_RUNS);
  const outages = JSON.stringify(nemesis.outages);
  const { rows } = await client.query<TakeoverTimes>(TAKEOVER_TIMES, [outages, GRACE_MS]);
  const done = (prefix: string): number =>
    Object.entries(nemesis.counts).reduce((sum, [kind, hits]) => (kind.startsWith(prefix) ? sum + hits : sum), 0);
  return {
    counts: {
      kills: await count(`select count(*)::int as count from soak.line where event = 'killed'`),
      restarts: nemesis.outages.length,
      takeovers: await count(TAKEOVERS),
      fencedWrites: await count(`select coalesce(sum(count), 0)::int as count from soak.line where event = 'fenced'`),
      unknownCommits: done('cut after'),
      crashesInUndo: await count(CRASHES_IN_UNDO),
    },
    runs: statuses.reduce((sum, { runs }) => sum + runs, 0),
    statuses: Object.fromEntries(statuses.map(({ status, runs }) => [status, runs])),
    journalRows: await count('select count(*)::int as count from durable.journal'),
    effects: await count(`select count(*)::int as count from soak.line where event = 'begin'`),
    takeover: rows[0],
  };
}

import type { PayloadName } from '../../../contract/dashboard-store.contract.js';
import { runsFrom } from '../run-progress.sql.js';
import type { SqlStatement } from '../sql-statement.js';

/** A row of a history, as its order names it. */
export interface HistoryPlace {
  readonly at: string;
  /** Position and key. */
  readonly key: string;
  readonly epoch: number;
  readonly attempt: number;
}

/** The beginning of a JSON value, and how long it is. */
function cut(column: string, parameter: string): string {
  return `left(${column}::text, ${parameter}::int) as text, length(${column}::text) as length`;
}

/**
 * Reads which units of a run have finished, and what its waits wait for; the newest.
 *
 * - Parameters: the run's id, how many. Result: in the order of completion. Locks: none. Index: the primary key.
 */
export function listUnitMarks(schema: string, runId: string, newest: number): SqlStatement {
  return {
    name: 'dashboard-marks',
    text: `
select * from (
  select j.key, j.kind, j.position, j.attempt, j.duration_ms as "durationMs", j.completed_at as at,
         case when j.kind in ('suspension', 'decision') then j.result end as says
    from ${schema}.journal j where j.run_id = $1 order by j.position desc, j.key limit $2::int) m
 order by m.position, m.key`,
    values: [runId, newest],
  };
}

/**
 * Reads the failed attempts of a run, the newest.
 *
 * - Parameters: the run's id, how many. Result: the oldest first. Locks: none. Index: the primary key.
 */
export function listFailedAttempts(schema: string, runId: string, newest: number): SqlStatement {
  return {
    name: 'dashboard-attempts',
    text: `
select * from (
  select a.key, a.attempt, a.epoch, a.final, a.duration_ms as "durationMs", a.failed_at as at, a.error
    from ${schema}.attempt a where a.run_id = $1 order by a.failed_at desc, a.key limit $2::int) m
 order by m.at, m.epoch, m.attempt`,
    values: [runId, newest],
  };
}

/**
 * Reads a page of what happened in a run: what finished and what failed, the oldest first.
 *
 * - Parameters: the run's id, the place to go on behind (time as text, key, epoch, attempt), how many, where results are
 *   cut. Locks: none. Index: the primary keys.
 */
export function listHistory(
  schema: string,
  runId: string,
  after: HistoryPlace | null,
  limit: number,
  cutAt: number,
): SqlStatement {
  const { at = null, key = null, epoch = null, attempt = null } = after ?? {};
  return {
    name: 'dashboard-history',
    text: `
select h.key, h.kind, h.position, h.attempt, h.epoch, h."durationMs", h.at, h.at::text as place, h.error,
       left(h.result::text, $7::int) as text, length(h.result::text) as length
  from (
    select j.key, j.kind, j.position, j.attempt::int as attempt, j.epoch, j.duration_ms as "durationMs",
           j.completed_at as at, null::json as error, j.result
      from ${schema}.journal j where j.run_id = $1
     union all
    select a.key, 'attempt', null, a.attempt, a.epoch, a.duration_ms, a.failed_at, a.error, null
      from ${schema}.attempt a where a.run_id = $1) h
 where $2::timestamptz is null
    or (h.at, coalesce(h.position, -1)::text || '/' || h.key, h.epoch, h.attempt) > ($2::timestamptz, $3::text, $4::int, $5::int)
 order by h.at, coalesce(h.position, -1)::text || '/' || h.key, h.epoch, h.attempt
 limit $6::int`,
    values: [runId, at, key, epoch, attempt, limit, cutAt],
  };
}

/**
 * Reads the newest signals of a run, those that wait and those that were taken each by their own index.
 *
 * - Parameters: the run's id, how many, where to cut. Locks: none. Index: `signal_waiting`, `signal_taken`.
 */
export function listSignals(schema: string, runId: string, newest: number, cutAt: number): SqlStatement {
  return {
    name: 'dashboard-signals',
    text: `
select s.id, s.name, s.sent_at as "sentAt", s.consumed_by as "consumedBy", ${cut('s.payload', '$3')}
  from (
    (select * from ${schema}.signal w where w.run_id = $1 and w.consumed_by is null order by w.position desc limit $2::int)
     union all
    (select * from ${schema}.signal t where t.run_id = $1 and t.consumed_by is not null
      order by t.position desc limit $2::int)) s
 order by s.position desc, s.id desc limit $2::int`,
    values: [runId, newest, cutAt],
  };
}

/** Reads what units of a run stored last. Parameters: the run's id, how many, where to cut. Index: the primary key. */
export function listProgress(schema: string, runId: string, limit: number, cutAt: number): SqlStatement {
  return {
    name: 'dashboard-progress',
    text: `
select g.key, g.updated_at as at, ${cut('g.value', '$3')}
  from ${schema}.progress g where g.run_id = $1 order by g.updated_at desc, g.key limit $2::int`,
    values: [runId, limit, cutAt],
  };
}

/** Reads one payload of a run. Parameters: the run's id, where to cut, what names it. Index: the primary keys. */
export function readPayload(schema: string, runId: string, name: PayloadName, cutAt: number): SqlStatement {
  switch (name.of) {
    case 'input':
      return {
        name: 'dashboard-input',
        text: `select ${cut('r.input', '$2')} from ${schema}.run r where r.id = $1`,
        values: [runId, cutAt],
      };
    case 'journal':
      return {
        name: 'dashboard-result',
        text: `select ${cut('j.result', '$2')} from ${schema}.journal j where j.run_id = $1 and j.key = $3`,
        values: [runId, cutAt, name.key],
      };
    case 'progress':
      return {
        name: 'dashboard-value',
        text: `select ${cut('g.value', '$2')} from ${schema}.progress g where g.run_id = $1 and g.key = $3`,
        values: [runId, cutAt, name.key],
      };
    case 'signal':
      return {
        name: 'dashboard-signal',
        text: `select ${cut('s.payload', '$2')} from ${schema}.signal s where s.run_id = $1 and s.id = $3`,
        values: [runId, cutAt, name.id],
      };
    default:
      return {
        name: `dashboard-${name.of}`,
        text: `select ${cut(`o.${name.of}`, '$2')} from ${schema}.operation o where o.run_id = $1 and o.id = $3`,
        values: [runId, cutAt, name.id],
      };
  }
}

/**
 * Reads the rows that a run's results are made of, unless they are larger than wanted.
 *
 * - Parameters: the run's id, bytes. Result: one row a journal row; `fits` is the same in each. Index: the primary key.
 */
export function listResults(schema: string, runId: string, bytes: number): SqlStatement {
  return {
    name: 'dashboard-results',
    text: `
with size as (select coalesce(sum(pg_column_size(j.result)), 0) <= $2::float8 as fits from ${schema}.journal j where j.run_id = $1)
select s.fits, j.key, j.kind, j.result
  from size s left join ${schema}.journal j on s.fits and j.run_id = $1
 order by j.position, j.key`,
    values: [runId, bytes],
  };
}

/** Reads the newest orders of all runs and workflows. Parameters: the id to go on behind, or null; how many. Index: the primary key. */
export function listAllOperations(schema: string, before: string | null, limit: number): SqlStatement {
  return {
    name: 'dashboard-operations',
    text: `
select o.id, o.run_id as "runId", o.workflow, o.version, o.action, o.at, o.by, o.reason, o.before, o.after
  from ${schema}.operation o where $1::uuid is null or o.id < $1::uuid order by o.id desc limit $2::int`,
    values: [before, limit],
  };
}

/** Reads every plan that was ever registered, without the plans themselves. Index: none; the table is small. */
export function listDefinitions(schema: string): SqlStatement {
  return {
    name: 'dashboard-definitions',
    text: `
select d.name, d.version, d.hash, d.nodes, d.registered_at as "registeredAt"
  from ${schema}.definition d order by d.name, d.version desc, d.registered_at desc, d.hash`,
    values: [],
  };
}

/** Reads plans. Parameters: names, versions, hashes. Index: the primary key. */
export function readPlans(
  schema: string,
  refs: readonly { readonly name: string; readonly version: number; readonly hash: string }[],
): SqlStatement {
  return {
    name: 'dashboard-plans',
    text: `
select d.name, d.version, d.hash, d.nodes, d.plan
  from unnest($1::text[], $2::int[], $3::text[]) as w (name, version, hash)
  join ${schema}.definition d on d.name = w.name and d.version = w.version and d.hash = w.hash`,
    values: [refs.map(({ name }) => name), refs.map(({ version }) => version), refs.map(({ hash }) => hash)],
  };
}

/**
 * Reads what changes with every change of the rows of runs.
 *
 * - Parameters: ids. Result: `id`, `mark`. Locks: none. Index: the primary key.
 */
export function markRuns(schema: string, ids: readonly string[]): SqlStatement {
  return {
    name: 'dashboard-run-marks',
    text: `
select r.id, concat_ws('/', r.status, r.epoch, r.cursor, progress.cursor, r.wakeups, r.worker_id, r.updated_at, progress.at, r.due_at, r.paused_at) as mark
  from ${runsFrom(schema)}
 where r.id = any ($1::uuid[])`,
    values: [ids],
  };
}

/** The same of one run and what belongs to it; counts end at 10,000. Parameters: the run's id. Index: the primary keys. */
export function markDeeply(schema: string, id: string): SqlStatement {
  return {
    name: 'dashboard-deep-mark',
    text: `
select concat_ws('/', r.status, r.epoch, r.wakeups, r.worker_id, r.updated_at, r.due_at, r.paused_at,
         (select count(*) from (select from ${schema}.journal j where j.run_id = r.id limit 10000) j),
         (select count(*) from (select from ${schema}.attempt a where a.run_id = r.id limit 10000) a),
         (select count(*) from (select from ${schema}.operation o where o.run_id = r.id limit 10000) o),
         (select max(g.updated_at) from ${schema}.progress g where g.run_id = r.id)) as mark
  from ${schema}.run r where r.id = $1`,
    values: [id],
  };
}

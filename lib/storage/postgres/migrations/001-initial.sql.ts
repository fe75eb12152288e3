import { JOURNAL_PARTS } from './journal-parts.js';
import type { SchemaMigration } from './schema-migration.js';

/**
 * The first schema.
 *
 * - `run` is updated whenever a run changes its state: `fillfactor` leaves room for heap-only updates.
 * - `journal.cursor` is the node that the run went on with, 0 in rows that did not move it: while a run is held, its row is
 *   only locked from one unit to the next, and the greatest of these under the run's epoch says how far it has come.
 * - `journal` is in parts by the run, so that sessions that insert at the same time seldom wait for each other's new pages; see
 *   docs/adr/0032-the-journal-in-parts.md. The settings of a partitioned table are those of its parts.
 * - Payloads are `json`, not `jsonb`: what a step reads after a crash is byte for byte what it returned, key order
 *   included, and the server does not parse it again.
 * - `run_due` leaves out what is paused, so that a claim never passes over it. The version of a `pause` is 0 for all. Runs that
 *   are started in one call are due at the same time: gathering equal entries would make their start longer by a twelfth, and
 *   what a claim has passed would not be marked before all entries gathered with it are.
 * - `run_created` has one entry for 32 pages of runs: it costs a start next to nothing, and finds those of a time.
 * - `run_tagged` holds nothing of a run without tags; its entries never change.
 * - `run_stopped` finds runs whose plan changed under them by the plan that stopped them. Beside these it holds only parked
 *   compensations: nothing else has an error and is not held.
 * - `signal_taken` finds what a run was sent and took, for operators. Partial, so that nobody who looks for the next signal
 *   reads those that were taken.
 * - There are no foreign keys: each would lock and look up the run row once more for every journal row, and `purge`
 *   deletes both sides in one statement.
 */
export const initial: SchemaMigration = {
  name: '001-initial',
  timestamp: 1763800000000,
  sql: (schema) => `
create table ${schema}.run (
  id              uuid        primary key,
  workflow        text        not null,
  version         integer     not null,
  plan_hash       text        not null,
  status          text        not null,
  queue           text        not null,
  priority        smallint    not null default 0,
  idempotency_key text,
  cursor          integer     not null default 0,
  epoch           integer     not null default 0,
  deliveries      smallint    not null default 0,
  retried_epoch   integer     not null default 0,
  wakeups         integer     not null default 0,
  worker_id       uuid,
  due_at          timestamptz,
  paused_at       timestamptz,
  deadline_at     timestamptz,
  awaiting        text[],
  parent_id       uuid,
  parent_key      text,
  parent_close    text,
  trace           text,
  created_at      timestamptz not null,
  started_at      timestamptz,
  updated_at      timestamptz not null,
  finished_at     timestamptz,
  cancel          json,
  error           json,
  tags            text[]      not null default '{}',
  input           json        not null,
  constraint run_status_known check (status in
    ('pending', 'running', 'suspended', 'compensating', 'completed', 'failed', 'canceled', 'compensation_failed'))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);

create index run_due on ${schema}.run (queue, priority desc, workflow, version, due_at) with (deduplicate_items = off)
 where due_at is not null and paused_at is null;
create index run_suspect on ${schema}.run (queue, priority desc, due_at) where due_at is not null and deliveries > 0;
create index run_held on ${schema}.run (worker_id) where worker_id is not null;
create unique index run_idempotency on ${schema}.run (workflow, idempotency_key) where idempotency_key is not null;
create index run_parent on ${schema}.run (parent_id) where parent_id is not null;
create index run_tagged on ${schema}.run using gin (tags) where tags <> '{}';
create index run_created on ${schema}.run using brin (created_at) with (pages_per_range = 32);
create index run_unfinished on ${schema}.run (status, id) where status <> 'completed';
create index run_stopped on ${schema}.run (queue, workflow, version, (error #>> '{data,registered}'), due_at)
  where error is not null and worker_id is null and status in ('suspended', 'compensating');

create table ${schema}.journal (
  run_id       uuid        not null,
  key          text        not null,
  kind         text        not null,
  position     integer     not null,
  attempt      smallint    not null,
  epoch        integer     not null,
  cursor       integer     not null default 0,
  duration_ms  real        not null,
  completed_at timestamptz not null,
  result       json        not null,
  primary key (run_id, key)
) partition by hash (run_id);

${JOURNAL_PARTS.map((part, index) => journalPart(schema, part, index)).join('\n')}

create table ${schema}.journal_archive (
  run_id       uuid        not null,
  operation_id uuid        not null,
  key          text        not null,
  kind         text        not null,
  position     integer     not null,
  attempt      smallint    not null,
  epoch        integer     not null,
  cursor       integer     not null default 0,
  duration_ms  real        not null,
  completed_at timestamptz not null,
  result       json        not null,
  primary key (run_id, operation_id, key)
);

create table ${schema}.attempt (
  run_id      uuid        not null,
  key         text        not null,
  epoch       integer     not null,
  attempt     integer     not null,
  final       boolean     not null,
  duration_ms real        not null,
  failed_at   timestamptz not null,
  error       json        not null,
  primary key (run_id, key, epoch, attempt)
);

create table ${schema}.progress (
  run_id     uuid        not null,
  key        text        not null,
  value      json        not null,
  updated_at timestamptz not null,
  primary key (run_id, key)
) with (fillfactor = 70);

create table ${schema}.signal (
  id          uuid        primary key,
  run_id      uuid        not null,
  name        text        not null,
  position    integer     not null,
  dedupe_id   text,
  payload     json        not null,
  sent_at     timestamptz not null,
  consumed_by text
);

create index signal_waiting on ${schema}.signal (run_id, name, position) where consumed_by is null;
create index signal_taken on ${schema}.signal (run_id, position) where consumed_by is not null;
create unique index signal_dedupe on ${schema}.signal (run_id, dedupe_id) where dedupe_id is not null;

create table ${schema}.worker (
  id           uuid        primary key,
  name         text        not null,
  queue        text        not null,
  host         text        not null,
  pid          integer     not null,
  workflows    text[]      not null,
  slots        integer     not null,
  lock_key     bigint      not null,
  started_at   timestamptz not null,
  heartbeat_at timestamptz not null,
  expires_at   timestamptz not null
) with (fillfactor = 50, autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0);

create table ${schema}.definition (
  name          text        not null,
  version       integer     not null,
  hash          text        not null,
  nodes         integer     not null,
  plan          json        not null,
  registered_at timestamptz not null,
  primary key (name, version, hash)
);

create table ${schema}.operation (
  id       uuid        primary key,
  run_id   uuid,
  workflow text        not null,
  version  integer,
  action   text        not null,
  at       timestamptz not null,
  by       text,
  reason   text,
  before   json,
  after    json
);

create index operation_run on ${schema}.operation (run_id, id) where run_id is not null;

create table ${schema}.pause (
  workflow  text        not null,
  version   integer     not null,
  paused_at timestamptz not null,
  by        text,
  reason    text,
  primary key (workflow, version)
);
`,
  undo: (schema) => `
drop table ${schema}.run, ${schema}.journal, ${schema}.journal_archive, ${schema}.attempt, ${schema}.progress,
  ${schema}.signal, ${schema}.worker, ${schema}.definition, ${schema}.operation, ${schema}.pause;
`,
};

function journalPart(schema: string, part: string, index: number): string {
  return `create table ${schema}.${part} partition of ${schema}.journal
  for values with (modulus ${JOURNAL_PARTS.length}, remainder ${index})
  with (autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.05);
`;
}

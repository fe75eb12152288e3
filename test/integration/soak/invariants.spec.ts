/*
 * Covers the invariants themselves: each holds for a run that went as it must, and each finds what it is there for when one
 * thing in the history of that run is wrong. That they hold under faults is what the soak is for: test/soak.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { installAuditLog } from '../../soak/audit/audit-log.js';
import { loadFacts } from '../../soak/audit/load-facts.js';
import type { Aftermath } from '../../soak/fleet/aftermath.js';
import { endsInTime } from '../../soak/invariants/every-run-ends.js';
import { ALL_INVARIANTS } from '../../soak/invariants/all-invariants.js';
import type { LedgerLine } from '../../soak/ledger/outside-ledger.js';
import type { PlanSpec, StepSpec } from '../../soak/workload/plan-spec.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const RUN = '00000000-0000-7000-8000-000000000001';
const CHILD = '00000000-0000-7000-8000-000000000002';
const WORKER = '00000000-0000-7000-8000-00000000000a';
const PID = 100;
const T0 = Date.parse('2030-01-01T00:00:00Z');
const at = (ms: number): string => new Date(T0 + ms).toISOString();

const step = (name: string, more: Partial<StepSpec> = {}): StepSpec => ({
  ...{ kind: 'step', name, latency: 0, failures: 0, deaf: false, undo: 0, transactional: false },
  ...{ heartbeat: false, asks: false, hangs: false, fatal: false, ...more },
});
const plan = (workflow: string, nodes: PlanSpec['nodes'], ending: PlanSpec['ending']): PlanSpec => {
  return { workflow, version: 1, nodes, appended: null, ending, child: false };
};
const NODES: PlanSpec['nodes'] = [
  step('a'),
  step('b', { transactional: true }),
  { kind: 'sleep', name: 's', ms: 10 },
  { kind: 'signal', name: 'g', signal: 'go', timeout: null },
  { kind: 'child', name: 'k', child: 'leaf', parentClose: 'cancel' },
];
const PLANS = [plan('whole', NODES, 'completed'), plan('undone', NODES, 'failed'), plan('leaf', [], 'completed')];

let database: TestDatabase;
let client: Client;
let folder: string;
let lines: (Omit<LedgerLine, 'at'> & { at: number })[];
let aftermath: Aftermath;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url, application_name: 'test' });
  await client.connect();
  folder = mkdtempSync(path.join(tmpdir(), 'nest-durable-invariants-'));
});

afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  await client.query('truncate durable.run, durable.journal, durable.signal, durable.worker, durable.attempt');
  await installAuditLog(client);
  const vitals = { sockets: 1, timers: 3, heapMb: 30 };
  const worker = { name: 'worker', progressed: true, vitals, connections: ['nest-durable:control'] };
  aftermath = { workers: [worker], fresh: vitals, unexpectedEnds: [], sleepers: [], serverCrashes: [] };
  lines = [];
});

afterEach(async () => {
  await client.query('drop schema soak cascade');
  for (const table of ['run', 'journal', 'signal', 'worker']) {
    await client.query(`drop trigger if exists soak_log on durable.${table}`);
  }
});

const sql = (text: string, ...values: unknown[]): Promise<unknown> => client.query(text, values);

/** The shadow rows of what was just written get the time that it is said to have happened at. */
async function happened(ms: number): Promise<void> {
  for (const table of ['run_history', 'journal_history']) {
    await sql(
      `update soak.${table} set at = $1 where at > now() - interval '1 hour' and at < now() + interval '1 hour'`,
      at(ms),
    );
  }
}

function effect(key: string, begun: number, ended: number | null, more: object = {}): void {
  const common = { run: RUN, key, attempt: 1, by: PID };
  lines.push({ event: 'begin', at: T0 + begun, busy: 1, beside: 1, ...common, ...more } as never);
  if (ended !== null) lines.push({ event: 'end', at: T0 + ended, ...common } as never);
}

async function journal(key: string, kind: string, position: number, ms: number, result: unknown = 1): Promise<void> {
  await sql(
    `insert into durable.journal (run_id, key, kind, position, attempt, epoch, duration_ms, completed_at, result)
     values ($1, $2, $3, $4, 1, 1, 1, $5, $6)`,
    ...[RUN, key, kind, position, at(ms), JSON.stringify(result)],
  );
  await happened(ms);
}

/** It took 2 ms; its row was written at `ms`. */
const failedAttempt = (key: string, ms: number): Promise<unknown> =>
  sql(
    `insert into durable.attempt (run_id, key, epoch, attempt, final, duration_ms, failed_at, error)
     values ($1, $2, 1, 1, false, 2, $3, '{}')`,
    ...[RUN, key, at(ms)],
  );

const inside = (key: string): Promise<unknown> =>
  sql('insert into soak.inside_effect (run_id, key, attempt, pid) values ($1, $2, 1, $3)', RUN, key, PID);

async function insertRun(id: string, workflow: string, status: string, parent: string | null): Promise<void> {
  await sql(
    `insert into durable.run (id, workflow, version, plan_hash, status, queue, due_at, idempotency_key, parent_id, parent_key,
                              created_at, updated_at, finished_at, input)
     values ($1, $2, 1, 'hash', $3, 'q', case when $3 = 'pending' then $4::timestamptz end, $5, $6,
             case when $6::uuid is null then null else 'k' end, $4, $4,
             case when $3 = 'pending' then null else $4::timestamptz end, 'null')`,
    ...[id, workflow, status, at(0), parent ? null : 'key', parent],
  );
}

/** A run of the plan, done by one worker from its start to its end. */
async function goesWell(ending: 'completed' | 'failed' = 'completed'): Promise<void> {
  await sql(
    `insert into durable.worker (id, name, queue, host, pid, workflows, slots, lock_key, started_at, heartbeat_at, expires_at)
     values ($1, 'w', 'q', 'h', $2, '{}', 20, 1, $3, $3, $3)`,
    ...[WORKER, PID, at(0)],
  );
  await insertRun(RUN, ending === 'completed' ? 'whole' : 'undone', 'pending', null);
  await insertRun(CHILD, 'leaf', 'completed', RUN);
  lines.push({ event: 'started', at: T0, run: RUN, key: 'key', by: PID } as never);
  await happened(0);
  await sql(
    `update durable.run set status = 'running', epoch = 1, deliveries = 1, due_at = null, worker_id = $2 where id = $1`,
    ...[RUN, WORKER],
  );
  await happened(10);
  effect('a', 20, 25);
  await journal('a', 'step', 0, 30);
  effect('b', 40, 45);
  await inside('b');
  await journal('b', 'step', 1, 50);
  await journal('wait:s', 'suspension', 2, 60, { until: at(70) });
  await journal('s', 'sleep', 3, 80, null);
  await sql(
    `insert into durable.signal (id, run_id, name, position, dedupe_id, payload, sent_at)
     values (gen_random_uuid(), $1, 'go', 1, 'go:1', '{"n":1}', $2), (gen_random_uuid(), $1, 'go', 2, 'go:2', '{"n":2}', $2)`,
    ...[RUN, at(85)],
  );
  lines.push({ event: 'signalled', at: T0 + 85, run: RUN, key: 'go:1', by: PID } as never);
  await sql(`update durable.signal set consumed_by = 'g' where position = 1`);
  await journal('g', 'signal', 4, 90, { n: 1 });
  await journal('k', 'child', 5, 100, {});
  if (ending === 'failed') {
    await sql(`update durable.run set status = 'compensating' where id = $1`, RUN);
    effect('undo:b', 110, 115);
    await inside('undo:b');
    await journal('undo:b', 'undo', 6, 120);
    effect('undo:a', 130, 135);
    await journal('undo:a', 'undo', 7, 140);
  }
  await sql(
    `update durable.run set status = $2, worker_id = null, finished_at = $3 where id = $1`,
    RUN,
    ending,
    at(150),
  );
  await happened(150);
}

/** The invariants that do not hold, each with what it says. */
async function violated(): Promise<Record<string, string>> {
  const file = path.join(folder, 'ledger');
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  await loadFacts(client, PLANS, file);
  // Each change has a transaction of its own here, committed at once.
  await sql(`create table soak.commit_time as select xid, max(at) as at
               from (select xid, at from soak.run_history union select xid, at from soak.journal_history) h group by 1`);
  const found: Record<string, string> = {};
  for (const { name, check } of ALL_INVARIANTS) {
    const [first] = await check({ client, aftermath });
    if (first) found[name] = `${first.subject} ${first.what}`;
  }
  return found;
}

it.each(['completed', 'failed'] as const)('hold for a run that went as it must and %s', async (ending) => {
  await goesWell(ending);
  expect(await violated()).toEqual({});
});

const update = (table: string, set: string, where: string) => () => sql(`update ${table} set ${set} where ${where}`);
const line = (change: () => void) => () => Promise.resolve(change());

/** What went wrong, the invariant that must notice it, and what it must say. */
const CASES: readonly (readonly [string, string, RegExp, () => Promise<unknown>])[] = [
  [
    'a start is lost',
    'acknowledged-start-once',
    /is not there/,
    line(() => lines.push({ ...lines[0], run: CHILD } as never)),
  ],
  [
    'an effect of a transaction is there twice',
    'transactional-effect-once',
    /2 effects and one journal row/,
    () => inside('b'),
  ],
  [
    'an effect is there without its row',
    'transactional-effect-once',
    /1 effects and no journal row/,
    () => inside('x'),
  ],
  [
    'a journaled step never came to its end',
    'outside-effect-at-least-once',
    /never came to its end/,
    line(() => (lines = lines.filter(({ event, at }) => event !== 'end' || at !== T0 + 25))),
  ],
  [
    'a step is begun twice in one claim',
    'outside-effect-within-attempts',
    /begun 2 times/,
    line(() => effect('a', 21, null)),
  ],
  [
    'an effect is begun after its row',
    'no-effect-after-its-row',
    /ms after its row/,
    line(() => effect('a', 31, null, { by: 7 })),
  ],
  [
    'a step is begun before the one before is committed',
    'begins-after-the-node-before',
    /before was committed/,
    line(() => effect('b', 26, null)),
  ],
  [
    'a journal row is changed',
    'journal-rows-immutable',
    /was hit by UPDATE/,
    update('durable.journal', `result = '2'`, `key = 'a'`),
  ],
  [
    'a journal row is deleted',
    'journal-rows-immutable',
    /was hit by DELETE/,
    () => sql(`delete from durable.journal where key = 's'`),
  ],
  [
    'a row is written under a former epoch',
    'written-under-the-current-epoch',
    /under epoch 1 when the run had 3/,
    update('soak.journal_history', 'run_epoch = 3', `key = 'b'`),
  ],
  [
    'a row is committed behind a takeover',
    'written-under-the-current-epoch',
    /after epoch 2 had been/,
    async () => {
      await sql(`insert into soak.run_history (op, run_id, epoch, at) values ('UPDATE', $1, 2, $2)`, RUN, at(35));
    },
  ],
  ['an epoch falls', 'epochs-only-grow', /fell from epoch 1 to 0/, update('durable.run', 'epoch = 0', `id = '${RUN}'`)],
  [
    'an ended run goes on',
    'endings-are-final',
    /went on from completed/,
    update('durable.run', `status = 'running'`, `id = '${RUN}'`),
  ],
  [
    'a later signal is consumed first',
    'signals-consumed-once-in-order',
    /number 2 was consumed before number 1/,
    async () => {
      await sql('update durable.signal set consumed_by = null');
      await sql('truncate soak.signal_history');
      await sql(`update durable.signal set consumed_by = 'g' where position = 2`);
    },
  ],
  [
    'an acknowledged signal is lost',
    'signals-consumed-once-in-order',
    /was acknowledged and is not there/,
    () => sql(`delete from durable.signal where position = 1`),
  ],
  [
    'a sleep ends early',
    'no-timer-early',
    /before/,
    update('durable.journal', `completed_at = '${at(65)}'`, `key = 's'`),
  ],
  [
    'a run is taken early',
    'no-timer-early',
    /was taken at/,
    update('soak.run_history', `due_before = '${at(11)}'`, 'epoch_before = 0'),
  ],
  [
    'an attempt is repeated early',
    'no-timer-early',
    /attempt 2 began 30 ms after/,
    async () => {
      await failedAttempt('c', 13);
      effect('c', 10, null);
      effect('c', 42, null, { attempt: 2 });
    },
  ],
  [
    'an attempt is repeated early after its handler threw',
    'no-timer-early',
    /attempt 2 began 42 ms after/,
    async () => {
      await failedAttempt('c', 25);
      effect('c', 10, null);
      lines.push({ event: 'fail', at: T0 + 20, run: RUN, key: 'c', attempt: 1, by: PID } as never);
      effect('c', 62, null, { attempt: 2 });
    },
  ],
  ['a call has two children', 'one-child-a-call', /has 2 children/, () => insertRun(WORKER, 'leaf', 'completed', RUN)],
  [
    'more runs are executed than there are slots',
    'limits-hold',
    /in 20 slots/,
    line(() => effect('b', 46, null, { busy: 21 })),
  ],
  [
    'a unit is missing',
    'ends-as-planned',
    /is journaled 0 times/,
    () => sql(`delete from durable.journal where key = 's'`),
  ],
  [
    'a run does not end',
    'every-run-ends',
    /is completed at node 0/,
    update('durable.run', 'finished_at = null', `id = '${RUN}'`),
  ],
];

it.each(CASES)('find that %s (%s)', async (_, name, what, goesWrong) => {
  await goesWell();
  await goesWrong();
  const found = await violated();
  expect(Object.keys(found)).toContain(name);
  expect(found[name]).toMatch(what);
});

it.each([
  ['is left out', `delete from durable.journal where key = 'undo:a'`, /was not undone/],
  [
    'is done out of order',
    `update durable.journal set position = 13 - position where kind = 'undo'`,
    /was undone before b/,
  ],
])('find that an undo %s', async (_, text, what) => {
  await goesWell('failed');
  await sql(text);
  expect((await violated())['undone-in-reverse-and-whole']).toMatch(what);
});

it('find a process that ended by itself, did nothing, or kept what it should have given back', async () => {
  await goesWell();
  const [worker] = aftermath.workers;
  const check = ALL_INVARIANTS.find(({ name }) => name === 'workers-recover')!.check;
  const judge = async (change: Partial<Aftermath>): Promise<string[]> => {
    return (await check({ client, aftermath: { ...aftermath, ...change } })).map(({ what }) => what);
  };
  const grown = { sockets: 3, timers: 9, heapMb: 90 };
  expect(await judge({ unexpectedEnds: [{ name: 'w', how: 'ended with exit code 1' }] })).toEqual([
    'ended with exit code 1',
  ]);
  expect(await judge({ workers: [{ ...worker, progressed: false }] })).toEqual([
    'did nothing after the faults had stopped',
  ]);
  const connections = ['nest-durable:control', 'nest-durable:control'];
  expect(await judge({ workers: [{ ...worker, vitals: grown, connections }] })).toHaveLength(4);
});

it('find a crash of the server', async () => {
  await goesWell();
  aftermath = {
    ...aftermath,
    serverCrashes: ['LOG:  client backend (PID 7) was terminated by signal 11: Segmentation fault'],
  };
  expect((await violated())['server-stays-up']).toMatch('signal 11');
});

it('tell a run that takes too long from one that is kept waiting', async () => {
  await goesWell();
  const found = async (key: string): Promise<number> => {
    await sql('update durable.run set finished_at = null, idempotency_key = $2 where id = $1', RUN, key);
    return (await endsInTime.check({ client, aftermath })).length;
  };
  expect(await found('late-1')).toBe(0);
  expect(await found('run-1')).toBe(1);
});

const SQL = 'lib/storage/postgres/sql';
/** The same for the commonest checkpoints. */
const UNITS = `${SQL}/checkpoint-units.sql.ts`;
const LAST_UNIT = `${SQL}/last-unit.sql.ts`;
const ENGINE = 'test/integration/engine';
const RACES = 'test/integration/races';

/**
 * What is taken out of the code, one at a time, and which tests have to notice.
 *
 * - `guard`: what it protects from, as the table says it.
 * - `edits`: a text that stands exactly once in the file, and what replaces it. The result must be a program that runs.
 * - `tests`: files that go red, and those of their `titles` that are about it, so that the proof takes minutes.
 */
export const MUTANTS = [
  {
    name: 'the fence: a checkpoint does not compare the epoch',
    guard: 'a worker that has lost a run writes to it',
    edits: [
      {
        file: `${SQL}/checkpoint.sql.ts`,
        from: /where r\.id = i\.id and r\.epoch = i\.epoch(?=\$\{wait)/,
        to: 'where r.id = i.id',
      },
      {
        file: `${SQL}/checkpoint.sql.ts`,
        from: 'where r.id = p.id and r.epoch = p.epoch and',
        to: 'where r.id = p.id and',
      },
      { file: LAST_UNIT, from: 'f.id = $2::uuid and f.epoch = $3::int and', to: 'f.id = $2::uuid and' },
      { file: LAST_UNIT, from: /\n +and r\.epoch = \$3::int(?=\n)/, to: '' },
      {
        file: `${SQL}/journal-unit.sql.ts`,
        from: 'f.id = $2::uuid and f.epoch = $3::int and',
        to: 'f.id = $2::uuid and',
      },
      { file: UNITS, from: /where r\.id = i\.id and r\.epoch = i\.epoch(?=\n)/, to: 'where r.id = i.id' },
      { file: UNITS, from: 'where r.id = p.id and r.epoch = p.epoch and', to: 'where r.id = p.id and' },
    ],
    tests: [`${ENGINE}/fencing.spec.ts`, 'test/integration/storage/checkpoint-epochs.spec.ts'],
    titles: 'the checkpoint of a step|an undo|writes nothing of the earlier epoch',
  },
  {
    name: "the fence of a step's own transaction: it does not ask whether the transaction is still the same",
    guard: 'a step that commits by itself has its effect without a journal row, or twice',
    edits: [{ file: `${SQL}/checkpoint.sql.ts`, from: /\$\{wait \? ` and now\(\) = \$\{mark\}` : ''\}/, to: '' }],
    tests: [`${ENGINE}/mistreated-transactions.spec.ts`],
    titles: 'commits it|rolls it back',
  },
  {
    name: 'the token: a claim does not raise the epoch',
    guard: 'two deliveries of a run cannot be told apart',
    edits: [
      { file: `${SQL}/claim-runs.sql.ts`, from: 'set epoch = r.epoch + 1,', to: 'set epoch = greatest(r.epoch, 1),' },
    ],
    tests: [`${ENGINE}/fencing.spec.ts`],
    titles: 'comes back to the worker',
  },
  {
    name: 'the unique key: the journal has no primary key',
    guard: 'a checkpoint whose answer was lost is journaled twice',
    edits: [
      {
        file: 'lib/storage/postgres/migrations/001-initial.sql.ts',
        from: /result\s+json\s+not null,\n\s+primary key \(run_id, key\)/,
        to: 'result json not null',
      },
    ],
    tests: ['test/integration/storage/checkpoint-epochs.spec.ts'],
    titles: 'a checkpoint that is written twice',
  },
  {
    name: 'the unique key: idempotency keys may repeat',
    guard: 'one key starts two runs',
    edits: [
      {
        file: 'lib/storage/postgres/migrations/001-initial.sql.ts',
        from: 'create unique index run_idempotency',
        to: 'create index run_idempotency',
      },
    ],
    tests: ['test/integration/runner/start.spec.ts'],
    titles: 'an idempotency key (stands for one run|gives one run)',
  },
  {
    name: 'the cursor: whoever takes a run from its holder does not settle it',
    guard: 'a run stands behind what it has done, and a changed plan is compared with the wrong place',
    edits: [
      {
        file: `${SQL}/run-progress.sql.ts`,
        from: "furthest(schema, 'r.epoch - 1')",
        to: "furthest(schema, 'r.epoch')",
      },
    ],
    tests: [`${ENGINE}/run-progress.spec.ts`],
    titles: 'stands in the row once the worker',
  },
  {
    name: 'the park re-check: a move is applied whatever came in meanwhile',
    guard: 'a signal, a cancel or the end of a child that comes while a run parks is never seen',
    edits: [
      { file: `${SQL}/checkpoint.sql.ts`, from: 'coalesce(i.if_wakeups = f.wakeups, true)', to: 'true' },
      { file: UNITS, from: 'coalesce(i.if_wakeups = f.wakeups, true)', to: 'true' },
      { file: LAST_UNIT, from: 'and f.wakeups = $5::int', to: 'and $5::int is not null' },
    ],
    tests: [`${RACES}/signals.spec.ts`, `${RACES}/children.spec.ts`, `${RACES}/cancel.spec.ts`],
    titles: 'parks at the same time|while its parent parks|passes a park by',
  },
  {
    name: 'the park re-check: a signal does not raise the counter',
    guard: 'the same, from the other side',
    edits: [{ file: `${SQL}/signals.sql.ts`, from: 'set wakeups = t.wakeups + 1,', to: 'set wakeups = t.wakeups,' }],
    tests: [`${RACES}/signals.spec.ts`],
    titles: 'parks at the same time|is stored before a run ends',
  },
  {
    name: 'the lease check: a worker that cannot renew goes on',
    guard: 'a worker that is cut off executes runs that others have taken over',
    edits: [
      {
        file: 'lib/engine/worker/lease-keeper.ts',
        from: 'this.id !== null && this.clock.monotonic() >= this.deadline)',
        to: 'this.deadline < 0)',
      },
    ],
    tests: ['test/unit/engine/lease-keeper.spec.ts', `${ENGINE}/leases.spec.ts`],
    titles: 'gives (the|its) lease up',
  },
  {
    name: 'the lease check: a worker that was not heard of for long begins a step without asking',
    guard: 'a process that stood still does what its heir has done, within its lease',
    edits: [
      {
        file: 'lib/engine/worker/lease-keeper.ts',
        from: 'return now < this.store.provenAt + UNLOCKED_FOR_MS;',
        to: 'return now < Infinity + UNLOCKED_FOR_MS;',
      },
    ],
    tests: ['test/unit/engine/lease-keeper.spec.ts', 'test/crash/stalled-worker.spec.ts'],
    titles: 'begins no step that its heir|before anything begins|while the database is away',
  },
  {
    name: 'the lease check: the answer to a renewal counts although the worker stood still before it heard it',
    guard: 'a process that stood still does what its heir has done, when its connection was lost meanwhile',
    edits: [
      {
        file: 'lib/engine/worker/lease-keeper.ts',
        from: 'now - this.heardAt <= STANDSTILL_MS',
        to: 'now - this.heardAt <= Infinity * STANDSTILL_MS',
      },
      {
        file: 'lib/engine/worker/standstill.ts',
        from: 'return this.longest > this.limitMs;',
        to: 'return this.longest > this.limitMs * Infinity;',
      },
    ],
    tests: ['test/unit/engine/lease-keeper.spec.ts'],
    titles: 'asks again when it stood still',
  },
  {
    name: 'the lease check: the sweep does not ask for ended leases',
    guard: 'the runs of a worker that stands still are never handed back',
    edits: [
      {
        file: `${SQL}/sweep-workers.sql.ts`,
        from: 'where w.expires_at <= ${nowSql(1)} or not exists',
        to: 'where not exists',
      },
    ],
    tests: [`${ENGINE}/leases.spec.ts`],
    titles: 'takes the runs of a worker whose lease has ended',
  },
  {
    name: 'the lease check: a sweep buries a worker that has renewed meanwhile',
    guard: 'a living worker loses its runs to a sweep that looked at it before',
    edits: [
      {
        file: `${SQL}/sweep-workers.sql.ts`,
        from: 'where w.id = seen.id and w.heartbeat_at = seen.heartbeat_at',
        to: 'where w.id = seen.id and seen.heartbeat_at is not null',
      },
    ],
    tests: [`${RACES}/recovery.spec.ts`],
    titles: 'a renewal comes in time',
  },
  {
    name: 'the lease check: a worker that was declared dead may claim',
    guard: 'runs are held by nobody who would be noticed to be dead',
    edits: [
      {
        file: `${SQL}/claim-runs.sql.ts`,
        from: /where exists \(select from \$\{schema\}\.worker w where w\.id = \$2\)\s+and not exists/,
        to: 'where not exists',
      },
    ],
    tests: [`${RACES}/recovery.spec.ts`],
    titles: 'a claim of a worker that is being buried',
  },
  {
    name: "the commit tag: ROLLBACK as the answer to a step's COMMIT is taken for success",
    guard: 'a step counts as done whose effect is gone',
    edits: [
      {
        file: 'lib/storage/postgres/transactional-work.ts',
        from: "if (command !== 'COMMIT') throw",
        to: "if (command === 'NONE') throw",
      },
    ],
    tests: [`${ENGINE}/mistreated-transactions.spec.ts`],
    titles: 'a step that mistreats its transaction by (a subscriber|catching)',
  },
  {
    name: "the commit tag: the same for the engine's own transactions",
    guard: 'an order or the end of a child is acknowledged and gone',
    edits: [
      {
        file: 'lib/storage/postgres/connection/engine-client.ts',
        from: "if (command !== 'COMMIT')",
        to: "if (command === 'NONE')",
      },
    ],
    tests: ['test/integration/storage/engine-client.spec.ts'],
    titles: 'a swallowed failure made COMMIT roll back',
  },
  {
    name: 'the crash counter: a claim does not count',
    guard: 'a run that kills its workers does so for ever',
    edits: [
      { file: `${SQL}/claim-runs.sql.ts`, from: 'deliveries = r.deliveries + 1,', to: 'deliveries = r.deliveries,' },
    ],
    tests: [`${ENGINE}/delivery-limit.spec.ts`],
    titles: 'fails a run for good|is the maxAttempts',
  },
  {
    name: 'the crash counter: nobody looks at it',
    guard: 'the same',
    edits: [
      {
        file: 'lib/engine/execution/run-executor.ts',
        from: 'if (session.deliveries <= this.limits.maxDeliveries) return true;',
        to: 'if (session.deliveries <= Infinity) return true;',
      },
    ],
    tests: [`${ENGINE}/delivery-limit.spec.ts`],
    titles: 'fails a run for good|is the maxAttempts',
  },
];

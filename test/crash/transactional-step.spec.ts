// Covers everything that can happen around the COMMIT of a transactional step: its effect and its journal row are there
// both or neither. Answers to the engine's own statements are in lost-answers.spec.ts.
import { APPLICATION_POOL } from '../support/crash-app/settings.js';
import { eventually } from '../support/eventually.js';
import { FaultProxy } from '../support/fault-proxy/fault-proxy.js';
import { changedKeys, transactionalEffectsNotOnce } from '../support/invariants.js';
import type { AppProcess } from '../support/processes/app-process.js';
import { CrashScene } from '../support/processes/crash-scene.js';

/** The whole statement: `READ COMMITTED` is one of those before it. */
const COMMIT = 'COMMIT\0';

describe('a transactional step', () => {
  let scene: CrashScene;
  let proxy: FaultProxy;

  beforeEach(async () => {
    scene = await CrashScene.set({ worker: {} });
    proxy = await FaultProxy.to(scene.url);
  });

  afterEach(async () => {
    try {
      await scene.clear();
    } finally {
      await proxy.end();
    }
  });

  /** A process whose way to the database can be cut; its ledger's cannot. */
  function startBehindProxy(name: string): Promise<AppProcess> {
    return scene.start(name, { url: proxy.url, ledgerUrl: scene.url });
  }

  /** Committed effects and journal rows of `move`. */
  async function moves(runId: string): Promise<{ effects: number; journaled: number }> {
    const [row] = await scene.rows<{ effects: number; journaled: number }>(
      `select (select count(*)::int from inside_effect where run_id = $1) as effects,
              (select count(*)::int from durable.journal where run_id = $1 and key = 'move') as journaled`,
      [runId],
    );
    return row;
  }

  async function expectMovedOnce(runId: string, attempt: number): Promise<void> {
    await scene.allEnded();
    expect(await scene.run(runId)).toMatchObject({ status: 'completed' });
    expect(await scene.rows('select attempt from inside_effect where run_id = $1', [runId])).toEqual([{ attempt }]);
    expect(await transactionalEffectsNotOnce(scene.client, ['move'])).toEqual([]);
    expect(await changedKeys(scene.client)).toEqual([]);
  }

  async function failedAttempts(runId: string): Promise<string[]> {
    const rows = await scene.rows<{ message: string }>(
      `select error ->> 'message' as message from durable.attempt where run_id = $1 order by epoch, attempt`,
      [runId],
    );
    return rows.map((row) => row.message);
  }

  it('leaves nothing when its process is killed before the commit, and is not repeated when it is killed after', async () => {
    const first = await scene.start('first');
    const [runId] = (await first.start('transfer', [{ gate: true }])) as [string];
    await first.reached(runId, 'move');
    // Not before: on a machine that stands still for a moment it might have taken the run over already.
    const second = await scene.start('second');
    await first.kill();
    await second.reached(runId, 'move');
    expect(await moves(runId)).toEqual({ effects: 0, journaled: 0 });

    second.open(runId, 'move');
    await second.reached(runId, 'confirm');
    expect(await moves(runId)).toEqual({ effects: 1, journaled: 1 });
    const third = await scene.start('third');
    await second.kill();
    await third.reached(runId, 'confirm');
    third.open(runId, 'confirm');

    await expectMovedOnce(runId, 1);
    expect(third.waiting.map(({ step }) => step)).toEqual(['confirm']);
  });

  it.each([
    { moment: 'before', there: { effects: 0, journaled: 0 } },
    { moment: 'after', there: { effects: 1, journaled: 1 } },
  ] as const)('keeps both or neither when its process is killed just $moment the commit', async ({ moment, there }) => {
    const victim = await startBehindProxy('victim');
    const stalled = proxy.stallAt(COMMIT, moment).happened;
    const [runId] = (await victim.start('transfer', [{}])) as [string];
    await stalled;
    expect(await moves(runId)).toEqual(there);
    await victim.kill();
    expect(await moves(runId)).toEqual(there);
    await scene.start('heir');

    await expectMovedOnce(runId, 1);
    expect(await scene.rows('select pid from inside_effect')).toHaveLength(1);
  });

  it('fails its attempt without a trace when the commit raises an error', async () => {
    const worker = await scene.start('worker');
    const [runId] = (await worker.start('transfer', [{ atCommit: 'refuse' }])) as [string];

    await expectMovedOnce(runId, 2);
    expect(await failedAttempts(runId)).toEqual([expect.stringContaining('refused at commit')]);
  });

  it('fails its attempt without a trace when its connection is ended between its effect and the commit', async () => {
    const worker = await scene.start('worker');
    const [runId] = (await worker.start('transfer', [{ gate: true }])) as [string];
    await worker.reached(runId, 'move');
    const killed = await scene.rows(
      `select pg_terminate_backend(pid) as hit from pg_stat_activity
        where datname = current_database() and application_name = $1 and state = 'idle in transaction'`,
      [APPLICATION_POOL],
    );
    expect(killed).toEqual([{ hit: true }]);
    const idle = `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`;
    await eventually('the connection to be gone', async () => (await scene.rows(idle)).length === 0);
    worker.open(runId, 'move');
    await eventually('the second attempt', () =>
      worker.waiting.find(({ step, attempt }) => step === 'move' && attempt === 2),
    );
    worker.open(runId, 'move');
    await worker.reached(runId, 'confirm');
    worker.open(runId, 'confirm');

    await expectMovedOnce(runId, 2);
    expect(await failedAttempts(runId)).toEqual([expect.stringMatching(/terminat/)]);
  });

  it('fails its attempt without a trace when its connection is ended during the commit', async () => {
    const worker = await scene.start('worker');
    const [runId] = (await worker.start('transfer', [{ atCommit: 'sleep' }])) as [string];
    const killed = await eventually('a commit that takes its time', async () => {
      const rows = await scene.rows<{ hit: boolean }>(
        `select pg_terminate_backend(pid) as hit from pg_stat_activity
          where datname = current_database() and query = 'COMMIT' and wait_event = 'PgSleep'`,
      );
      return rows.length > 0 && rows;
    });
    expect(killed).toEqual([{ hit: true }]);

    await expectMovedOnce(runId, 2);
    expect(await failedAttempts(runId)).toHaveLength(1);
  });

  it('is not repeated when the answer to its commit is lost', async () => {
    const worker = await startBehindProxy('worker');
    const lost = proxy.cutAt(COMMIT, 'after').happened;
    const [runId] = (await worker.start('transfer', [{}])) as [string];
    await lost;

    await expectMovedOnce(runId, 1);
    expect(await failedAttempts(runId)).toEqual([]);
  });

  it('is not repeated when the answer to its commit is lost and the database cannot be asked for a while', async () => {
    const worker = await startBehindProxy('worker');
    let reopen!: () => void;
    const lost = proxy.cutAt(COMMIT, 'after').happened.then(() => (reopen = proxy.refuse()));
    const [runId] = (await worker.start('transfer', [{}])) as [string];
    await lost;
    await eventually('the worker to ask in vain', () => proxy.refused >= 20);
    expect(await moves(runId)).toEqual({ effects: 1, journaled: 1 });
    reopen();

    await expectMovedOnce(runId, 1);
    expect(await failedAttempts(runId)).toEqual([]);
  });

  it('is repeated when its commit never reached the database', async () => {
    const worker = await startBehindProxy('worker');
    const lost = proxy.cutAt(COMMIT, 'before').happened;
    const [runId] = (await worker.start('transfer', [{}])) as [string];
    await lost;

    await expectMovedOnce(runId, 2);
    expect(await failedAttempts(runId)).toHaveLength(1);
  });
});

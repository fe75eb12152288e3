/**
 * What the commands of the command line do, against a database with a worker beside it: orders to one run and to many,
 * what they leave in the audit trail, plans, purges, migrations and the doctor. Real processes are driven by test/e2e/cli.
 */
import { EXIT } from '../../../lib/cli/exit-code.js';
import { Step, WaitForSignal, Workflow, type DurableContext } from '../../../lib/index.js';
import { answered, reported, runCaptured, type CapturedRun } from '../../support/cli/captured-cli.js';
import { DurableApps, until, type DurableApp } from '../../support/durable-app.js';

@Workflow('parcel')
class ParcelWorkflow {
  @Step({ maxAttempts: 1, compensate: 'unpack' })
  pack({ input }: DurableContext<{ fragile?: boolean } | null>): string {
    return input?.fragile ? 'in foam' : 'in paper';
  }
  unpack(): void {}

  @WaitForSignal('address') address!: string | null;

  @Step({ maxAttempts: 1 })
  send(ctx: DurableContext): unknown {
    if (ctx.signal('address') === 'nowhere') throw new Error('no such address: \u001b[31mnowhere');
    if (ctx.signal('address') === 'desk' && ctx.resumeData() === undefined) return { status: 'suspended' };
    return { sentTo: ctx.signal('address'), by: ctx.resumeData() ?? null };
  }
}

const apps = new DurableApps();
let app: DurableApp;

const cli = (...args: string[]): Promise<CapturedRun> => runCaptured(args, { DATABASE_URL: apps.database.url });
const statusOf = async (id: string): Promise<string> => (await app.runner.find(id)).status;
const becomes = async (id: string, status: string): Promise<void> => {
  expect(
    await until(
      () => statusOf(id),
      (found) => found === status,
    ),
  ).toBe(status);
};
const waiting = async (...options: string[]): Promise<string> => {
  const { runId } = answered(await cli('start', 'parcel', '{"fragile":true}', '--json', ...options));
  await until(
    async () => (await app.runner.find(runId as string)).awaitingSignal,
    (name) => name === 'address',
  );
  return runId as string;
};
const audit = async (id: string): Promise<string[]> =>
  (await app.runner.operations(id)).map(({ action, by, reason }) => [action, by, reason].join(' '));

beforeEach(async () => {
  app = await apps.boot({ workflows: [ParcelWorkflow] });
});

describe('a run', () => {
  it('is started once a key, signalled and shown, and everybody who ordered it is written down', async () => {
    const id = await waiting('--key', 'p-1', '--tag', 'eu,gift', '--by', 'ann', '--reason', 'ticket 7');
    const again = await cli('start', 'parcel', '{"fragile":true}', '--key', 'p-1', '--json');
    expect(answered(again)).toEqual({ runId: id, created: false, status: 'suspended' });
    const signalled = answered(await cli('signal', id, 'address', '"home"', '--by', 'bob', '--json'));
    expect(signalled).toEqual({ runId: id, signal: 'address', accepted: true, status: 'suspended' });
    await becomes(id, 'completed');
    const { run, explanation, operations } = answered(await cli('status', id, '--json'));
    expect(run).toMatchObject({ id, status: 'completed', tags: ['eu', 'gift'], result: { send: { sentTo: 'home' } } });
    expect(explanation).toMatchObject({ reason: 'ended' });
    expect(operations).toHaveLength(2);
    expect(await audit(id)).toEqual(['start ann ticket 7', 'signal bob ']);
    const late = await cli('signal', id, 'address', '--json');
    expect([late.code, reported(late).code]).toEqual([EXIT.impossible, 'CLI_NOT_POSSIBLE']);
  });

  it('is shown to people with its journal, and harmless whatever stands in it', async () => {
    const id = await waiting();
    await cli('signal', id, 'address', '"nowhere"');
    await becomes(id, 'failed');
    const { stdout } = await cli('status', id);
    expect(stdout).toContain(`run       ${id}`);
    expect(stdout).toMatch(/pack +step +completed +1 +\d+ms +"in foam"/);
    expect(stdout).toContain('no such address: \\u001b[31mnowhere');
    expect(stdout).not.toContain('\u001b');
  });

  it('goes on in a suspended step with what it is given', async () => {
    const id = await waiting();
    expect((await cli('resume', id, '"me"')).code).toBe(EXIT.impossible);
    await cli('signal', id, 'address', '"desk"');
    await until(
      () => app.runner.explain(id),
      ({ reason }) => reason === 'waiting_for_resume',
    );
    expect(answered(await cli('resume', id, '"me"', '--json'))).toMatchObject({ runId: id, accepted: true });
    await becomes(id, 'completed');
    expect(await audit(id)).toEqual(['start tester ', 'signal tester ', 'resume tester ']);
  });

  it('stands still while it is paused, and goes on behind a node whose result is given by hand', async () => {
    const id = await waiting();
    expect(answered(await cli('pause', id, '--reason', 'look', '--json'))).toMatchObject({
      action: 'pause',
      accepted: true,
    });
    expect((await cli('explain', id)).stdout).toContain('paused');
    await cli('unpause', id);
    expect((await cli('skip', id, 'pack', '--json')).code).toBe(EXIT.impossible);
    const skipped = await cli('skip', id, 'address', '"by hand"', '--json');
    expect(answered(skipped)).toMatchObject({ runId: id, node: 'address', accepted: true });
    await becomes(id, 'completed');
    expect(await audit(id)).toEqual(['start tester ', 'pause tester look', 'unpause tester ', 'skip tester ']);
  });

  it('is set going again from the node that is named', async () => {
    const id = await waiting();
    expect((await cli('retry', id)).code).toBe(EXIT.impossible);
    await cli('signal', id, 'address', '"nowhere"');
    await becomes(id, 'failed');
    expect((await cli('retry', id, '--from', 'nothing')).code).toBe(EXIT.usage);
    expect(answered(await cli('retry', id, '--from', 'pack', '--json'))).toMatchObject({
      action: 'retry',
      accepted: true,
    });
    await becomes(id, 'suspended');
  });
});

describe('an order to many runs', () => {
  it('asks for --yes, can be tried dry, and reports on each run', async () => {
    const ids = [await waiting('--tag', 'a'), await waiting('--tag', 'a')];
    const other = await waiting('--tag', 'b');
    const unasked = await cli('cancel', '--tag', 'a');
    expect([unasked.code, unasked.stderr]).toEqual([
      EXIT.usage,
      'Cancel 2 runs: there is no terminal to ask on. Say --yes to do it; nothing was done.\n',
    ]);
    expect(answered(await cli('cancel', '--tag', 'a', '--dry-run', '--json')).runIds).toEqual([...ids].reverse());
    const report = answered(await cli('cancel', '--tag', 'a', '--yes', '--by', 'ann', '--reason', 'wrong', '--json'));
    expect(report).toMatchObject({ action: 'cancel', matched: 2, accepted: 2, refused: 0, failed: 0 });
    for (const id of ids) await becomes(id, 'canceled');
    expect(await audit(ids[0])).toContain('cancel ann wrong');
    expect(await statusOf(other)).toBe('suspended');
  });

  it('names the runs that refuse it, and ends with that', async () => {
    const [running, ended] = [await waiting(), await waiting()];
    await cli('terminate', ended, '--yes');
    const report = await cli('terminate', running, ended, '--yes', '--json');
    expect(report.code).toBe(EXIT.impossible);
    expect(answered(report).results).toEqual([
      { runId: running, outcome: 'accepted', status: 'canceled', error: null },
      { runId: ended, outcome: 'refused', status: 'canceled', error: null },
    ]);
  });

  it('finds runs in pages, and lists them in the same way', async () => {
    for (let count = 0; count < 3; count += 1) await waiting();
    const first = answered<{ runs: { id: string }[]; next: string }>(await cli('list', '-n', '2', '--json'));
    const second = answered<{ runs: { id: string }[] }>(await cli('list', '--before', first.next, '--json'));
    expect([first.runs.length, second.runs.length]).toEqual([2, 1]);
    expect((await cli('list')).stdout.trim().split('\n')).toHaveLength(4);
  });
});

describe('plans', () => {
  it('are shown as tables, JSON and drawings', async () => {
    expect((await cli('plan', 'parcel')).stdout).toMatch(/^parcel@1 .+\n.+\n1 +pack +step\n/);
    expect(answered(await cli('plan', 'parcel@1', '--json')).nodes).toHaveLength(3);
    expect((await cli('plan', 'parcel', '--mermaid')).stdout).toMatch(/^flowchart TD\n/);
  });

  it('can have their runs moved, which is tried first', async () => {
    await waiting();
    const dry = await cli('migrate-runs', 'parcel', '--to', '1', '--dry-run', '--json');
    expect(answered(dry)).toEqual({ dryRun: true, moved: 0, movable: 0, refused: 0, results: [] });
  });

  it('keep a workflow from being executed while it is paused', async () => {
    expect(answered(await cli('pause', '--workflow', 'parcel', '--json'))).toMatchObject({
      workflow: 'parcel',
      accepted: true,
    });
    expect((await cli('pause', '-w', 'parcel')).code).toBe(EXIT.impossible);
    expect((await cli('unpause', '-w', 'parcel')).code).toBe(0);
  });
});

describe('a purge', () => {
  it('counts first, deletes what ended, and is written down', async () => {
    const id = await waiting();
    await cli('terminate', id, '--yes');
    const kept = await waiting();
    expect((await cli('purge', '--older-than', '0s')).code).toBe(EXIT.usage);
    expect(answered(await cli('purge', '--older-than', '0s', '--dry-run', '--json'))).toEqual({
      matched: 1,
      deleted: 0,
    });
    expect(answered(await cli('purge', '--older-than', '0s', '--yes', '--json'))).toEqual({ matched: 1, deleted: 1 });
    expect((await cli('status', id)).code).toBe(EXIT.notFound);
    expect(await statusOf(kept)).toBe('suspended');
    const lines = await apps.sql(`select by, workflow, before from durable.operation where action = 'purge'`);
    expect(lines).toEqual([{ by: 'tester', workflow: '*', before: { matched: 1 } }]);
  });
});

describe('the doctor and the list of workers', () => {
  const findings = async (...args: string[]): Promise<Record<string, string>> => {
    const { findings: found } = answered<{ findings: { check: string; level: string }[] }>(
      await cli('doctor', '--json', ...args),
    );
    return Object.fromEntries(found.map(({ check, level }) => [check, level]));
  };

  it('find a database in order', async () => {
    const { workers } = answered<{ workers: object[] }>(await cli('workers', '--json'));
    expect(workers).toEqual([expect.objectContaining({ state: 'alive', slots: 100, workflows: ['parcel@1'] })]);
    expect((await cli('workers')).stdout).toMatch(/ alive .+ 0\/100 .+ parcel@1\n$/);
    const [{ version }] = await apps.sql<{ version: number }>(
      `select current_setting('server_version_num')::int / 10000 as version`,
    );
    expect(await findings()).toMatchObject({
      ...{ 'database.version': version < 15 ? 'warn' : 'ok', clock: 'ok', pooler: 'ok', role: 'ok' },
      ...{ schema: 'ok', tables: 'ok', indexes: 'ok' },
      ...{ workers: 'ok', backlog: 'ok', 'plans.stopped': 'ok' },
    });
  });

  it('find what is broken, and end with it', async () => {
    await apps.sql(
      `update durable.worker set heartbeat_at = now() - interval '1 h', expires_at = now() - interval '1 h'`,
    );
    await apps.sql('alter index durable.run_parent rename to run_other');
    try {
      expect(await findings()).toMatchObject({ indexes: 'fail' });
      expect((await cli('doctor')).code).toBe(EXIT.found);
      expect((await cli('doctor')).stdout).toContain('missing: run_parent');
    } finally {
      await apps.sql('alter index durable.run_other rename to run_parent');
    }
  });

  it('find a schema that is not there, and a migration that mends it', async () => {
    const schema = ['--schema', 'elsewhere'];
    expect(await findings(...schema)).toMatchObject({ schema: 'fail' });
    const status = await cli('migrate', '--status', '--json', ...schema);
    expect([status.code, answered(status).current]).toEqual([EXIT.found, false]);
    expect(answered(await cli('migrate', '--json', ...schema)).applied).toContain('001-initial');
    expect(answered(await cli('migrate', '--json', ...schema)).applied).toEqual([]);
    expect(await findings(...schema)).toMatchObject({ schema: 'ok', indexes: 'ok', tables: 'ok' });
    expect((await cli('migrate', '--status', ...schema)).code).toBe(0);
    expect((await cli('migrate', '--sql', ...schema)).stdout).toContain('create schema "elsewhere"');
  });

  it('find what a role may do, and what it may not', async () => {
    await apps.sql('drop role if exists cli_reader');
    await apps.sql(`create role cli_reader login`);
    const url = new URL(apps.database.url);
    url.username = 'cli_reader';
    try {
      expect(await findings('--url', url.href)).toMatchObject({ role: 'fail' });
      await apps.sql('grant usage on schema durable to cli_reader');
      await apps.sql('grant select on all tables in schema durable to cli_reader');
      expect(await findings('--url', url.href)).toMatchObject({ role: 'warn', schema: 'ok' });
    } finally {
      await apps.sql('drop owned by cli_reader');
      await apps.sql('drop role cli_reader');
    }
  });
});

/**
 * The built command line in processes of its own, as an operator uses it: a run is started, watched, signalled and
 * finished; it is interrupted, its output is cut off, it asks on a terminal, and it boots an application. Every command's
 * help and failures are in test/integration/cli, which needs no processes.
 */
import { Step, WaitForSignal, Workflow } from '../../../lib/index.js';
import { CliProcess } from '../../support/cli/cli-process.js';
import { DurableApps, until } from '../../support/durable-app.js';

@Workflow('visit')
class VisitWorkflow {
  @Step() knock(): string {
    return 'knocked';
  }

  @WaitForSignal('opened') opened!: { by: string } | null;

  @Step() enter(): string {
    return 'inside';
  }
}

const apps = new DurableApps();
const processes: CliProcess[] = [];
const env = (): Record<string, string> => ({ DATABASE_URL: apps.database.url });
const cli = (...args: string[]): ReturnType<typeof CliProcess.run> => CliProcess.run(args, { env: env() });
const start = (args: readonly string[], terminal = false): CliProcess => {
  const one = CliProcess.start(args, { env: env(), terminal });
  processes.push(one);
  return one;
};

afterEach(() => {
  for (const one of processes.splice(0)) one.end();
});

it('a run is started, watched on a terminal, signalled and finished', async () => {
  const app = await apps.boot({ workflows: [VisitWorkflow] });
  const started = await cli('start', 'visit', '{"house":7}', '--by', 'ann');
  expect([started.code, started.stderr]).toEqual([0, '']);
  const runId = started.stdout.trim();
  const watch = start(['status', runId, '--watch', '--interval', '100'], CliProcess.hasTerminal);
  await watch.prints('waits for signal "opened"');
  const signalled = await cli('signal', runId, 'opened', '{"by":"bob"}', '--json');
  expect(JSON.parse(signalled.stdout)).toMatchObject({ runId, signal: 'opened', accepted: true });
  expect(await watch.exited).toBe(0);
  expect(watch.stdout).toMatch(
    /knock .*completed.*"knocked"[\s\S]+opened .*completed.*"bob"[\s\S]+enter .*completed.*"inside"/,
  );
  // Colours are for terminals alone.
  expect(watch.stdout.includes('\u001b[32mcompleted')).toBe(CliProcess.hasTerminal);
  expect(await app.runner.operations(runId)).toMatchObject([{ action: 'start', by: 'ann' }, { action: 'signal' }]);
});

it('leaves cleanly on SIGINT, and when nobody reads on', async () => {
  const app = await apps.boot({ workflows: [VisitWorkflow] });
  const { id } = await app.runner.start(VisitWorkflow);
  const watch = start(['status', id, '--watch']);
  await watch.prints('waits for signal');
  watch.child.kill('SIGINT');
  expect([await watch.exited, watch.stderr]).toEqual([130, '']);

  const cut = start(['list', '--json']);
  cut.child.stdout?.destroy();
  expect([await cut.exited, cut.stderr]).toEqual([0, '']);
});

it('asks on a terminal before it ends a run, and does nothing on a no', async () => {
  const app = await apps.boot({ workflows: [VisitWorkflow] });
  const { id } = await app.runner.start(VisitWorkflow);
  expect((await cli('terminate', id)).code).toBe(2);
  if (!CliProcess.hasTerminal) return;
  const refused = start(['terminate', id], true);
  await refused.prints('Terminate 1 run? [y/N]');
  refused.child.stdin?.write('n\n');
  expect(await refused.exited).toBe(1);
  expect(refused.stdout).toContain('Nothing was done.');
  expect((await app.runner.find(id)).status).not.toBe('canceled');
});

it('boots an application for what needs its code, and takes no run from its workers', async () => {
  const app = await apps.boot({ worker: false });
  const checked = await cli('check-plans', '--app', 'dist/sample-app/cli.module.js', '--json');
  expect([checked.code, checked.stderr]).toEqual([0, '']);
  expect(JSON.parse(checked.stdout)).toEqual({ ok: true, stops: 0, checks: [] });
  const order = await cli('start', 'order', '{"no":"order"}', '--app', 'dist/sample-app/cli.module.js', '--json');
  const { runId } = JSON.parse(order.stdout) as { runId: string };
  expect((await app.runner.find(runId)).status).toBe('pending');
  expect(
    await until(
      () => apps.count('worker'),
      (count) => count === 0,
    ),
  ).toBe(0);
});

/**
 * Every command of the command line answers `--help`, and fails as documented: in words, in JSON and by its exit code.
 * What the commands do is covered by orders.spec.ts beside it, and by test/e2e/cli in real processes.
 */
import { EXIT } from '../../../lib/cli/exit-code.js';
import { createProgram } from '../../../lib/cli/program.js';
import { Session } from '../../../lib/cli/session.js';
import { newId } from '../../../lib/common/ids.js';
import { Step, Workflow } from '../../../lib/index.js';
import { reported, runCaptured } from '../../support/cli/captured-cli.js';
import { DurableApp, DurableApps } from '../../support/durable-app.js';

@Workflow('greeting')
class GreetingWorkflow {
  @Step() greet(): string {
    return 'hello';
  }
}

const apps = new DurableApps();
const nobody = newId();

const commandNames = (): string[] => {
  const never = new AbortController().signal;
  const sink = { write: () => true };
  const io = { env: {}, cwd: '.', stdin: process.stdin, stdout: sink, stderr: sink, user: undefined };
  return createProgram(new Session({ ...io, interrupted: never, unread: never })).commands.map((one) => one.name());
};

describe('help', () => {
  it.each(commandNames())('of %s says what it does, and which options it has', async (name) => {
    const { code, stdout, stderr } = await runCaptured([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^Usage: nest-durable ${name} `));
    expect(stdout).toContain('--json');
  });

  it('of the program lists every command', async () => {
    const { code, stdout } = await runCaptured(['--help']);
    expect(code).toBe(0);
    for (const name of commandNames()) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it('is shown for nothing, as a mistake', async () => {
    const { code, stderr } = await runCaptured([]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toMatch(/^Usage: nest-durable[^]*\nNo command was given\.\n$/);
  });
});

interface Failure {
  readonly args: readonly string[];
  readonly exit: keyof typeof EXIT;
  readonly code: string;
}

/** One failure of each command, none of them the same for a reason of its own. */
const FAILURES: readonly Failure[] = [
  { args: ['status', nobody], exit: 'notFound', code: 'DURABLE_RUN_NOT_FOUND' },
  { args: ['list', '--status', 'lost'], exit: 'usage', code: 'DURABLE_INVALID_OPTION' },
  { args: ['explain', 'no-id'], exit: 'notFound', code: 'DURABLE_RUN_NOT_FOUND' },
  { args: ['start', 'greeting@9'], exit: 'notFound', code: 'DURABLE_WORKFLOW_NOT_REGISTERED' },
  { args: ['signal', nobody, 'approved', 'yes'], exit: 'usage', code: 'CLI_USAGE' },
  { args: ['resume', nobody], exit: 'notFound', code: 'DURABLE_RUN_NOT_FOUND' },
  { args: ['cancel'], exit: 'usage', code: 'CLI_USAGE' },
  { args: ['retry', nobody], exit: 'notFound', code: 'DURABLE_RUN_NOT_FOUND' },
  { args: ['skip', nobody], exit: 'usage', code: 'CLI_USAGE' },
  { args: ['pause', nobody, '--workflow', 'greeting'], exit: 'usage', code: 'CLI_USAGE' },
  { args: ['unpause', '--workflow', 'greeting'], exit: 'impossible', code: 'CLI_NOT_POSSIBLE' },
  { args: ['terminate', nobody], exit: 'usage', code: 'CLI_USAGE' },
  { args: ['plan', 'farewell'], exit: 'notFound', code: 'DURABLE_WORKFLOW_NOT_REGISTERED' },
  { args: ['check-plans'], exit: 'usage', code: 'CLI_USAGE' },
  {
    args: ['migrate-runs', 'greeting', '--to', '7', '--dry-run'],
    exit: 'notFound',
    code: 'DURABLE_WORKFLOW_NOT_REGISTERED',
  },
  { args: ['purge', '--older-than', 'long'], exit: 'usage', code: 'DURABLE_INVALID_DURATION' },
  { args: ['migrate', '--sql', '--status'], exit: 'usage', code: 'CLI_USAGE' },
  { args: ['workers', '--schema', 'nowhere'], exit: 'notReady', code: 'DURABLE_SCHEMA_BEHIND' },
  {
    args: ['doctor', '--url', 'postgres://app:hunter2@127.0.0.1:1/x'],
    exit: 'unreachable',
    code: 'CLI_DATABASE_UNREACHABLE',
  },
  { args: ['dashboard', '--schema', 'nowhere', '--port', '0'], exit: 'notReady', code: 'DURABLE_SCHEMA_BEHIND' },
];

describe('failures', () => {
  beforeAll(async () => {
    const app = await DurableApp.boot(apps.database.url, { workflows: [GreetingWorkflow], worker: false }, apps.log);
    await app.close();
  });

  it('are shown of every command', () => {
    expect(FAILURES.map(({ args }) => args[0])).toEqual(commandNames());
  });

  it.each(FAILURES)('$args: $exit', async ({ args, exit, code }) => {
    const env = { DATABASE_URL: apps.database.url };
    const run = await runCaptured([...args, '--json'], env);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: EXIT[exit], stdout: '' });
    expect(reported(run)).toEqual({ code, exitCode: EXIT[exit], message: expect.stringMatching(/\S{2}/) });
    expect(run.stderr).not.toContain('hunter2');
  });

  it('are a sentence for people, with where to read on', async () => {
    const { stderr } = await runCaptured(['explain']);
    expect(stderr).toBe("missing required argument 'runId'\nnest-durable --help says more.\n");
  });

  it('name the workflows that are known', async () => {
    const { stderr } = await runCaptured(['start', 'greting'], { DATABASE_URL: apps.database.url });
    expect(stderr).toBe('No process has registered workflow "greting". Known: greeting@1.\n');
  });

  it('never show the password of the address', async () => {
    for (const [url, code] of [
      ['postgres://app:hunter2@localhost:1/orders', EXIT.unreachable],
      ['postgres://app:hunter2@no-such-host.invalid/orders', EXIT.unreachable],
      ['postgres//app:hunter2@db/orders', EXIT.usage],
    ] as const) {
      const run = await runCaptured(['list'], { DATABASE_URL: url, NEST_DURABLE_DEBUG: '1' });
      expect(run.code).toBe(code);
      expect(run.stderr).not.toContain('hunter2');
    }
  });

  it('end with the code of the signal when they were interrupted', async () => {
    const run = await runCaptured(
      ['list'],
      { DATABASE_URL: apps.database.url },
      { interrupted: AbortSignal.abort(130) },
    );
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: EXIT.interrupted, stderr: '' });
  });
});

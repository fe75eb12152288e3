// Covers: promises that handlers leave behind and that reject, in a process of its own, because Jest has listeners of its own
// for them. Everything else that handlers do: handlers.spec.ts.
import { execFile, type ExecFileException } from 'node:child_process';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const SUPPORT = path.resolve('test/support');
let database: TestDatabase;
let library: string;

beforeAll(async () => {
  database = await createTestDatabase();
  library = (await node([path.join(SUPPORT, 'processes/compile.mjs')])).output.trim();
}, 60_000);

afterAll(() => database.drop());

function node(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], (error: ExecFileException | null, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

const run = (mode: string, flags: readonly string[] = []): ReturnType<typeof node> =>
  node([...flags, path.join(SUPPORT, 'detached-app.mjs'), library, mode, database.url]);

it('the worker survives them, and says which step has left them', async () => {
  const { code, output } = await run('own');

  expect(output).toContain('ended in order');
  expect(code).toBe(0);
  for (const [step, told] of [
    ['at-once', 'Error: left at once'],
    ['later', 'Error: left later'],
    ['no-error', 'Error: just text'],
    ['payload', 'Error: an object'],
    ['address', 'Error: no way to postgres://\\*\\*\\*@db/shop'],
    ['undo:undone', 'Error: left by an undo'],
  ]) {
    expect(output).toMatch(
      new RegExp(`Step "${step}" of workflow "leaky", run \\S+, left a promise .* rejected: ${told}\\.`),
    );
  }
});

it('the process still ends for one of the application itself, as it would without the module', async () => {
  const { code, output } = await run('foreign');

  expect(code).not.toBe(0);
  expect(output).toContain('of the application');
  expect(output).not.toContain('ended in order');
});

it('and does not, where the process was started so that it does not', async () => {
  const { code, output } = await run('foreign', ['--unhandled-rejections=warn']);

  expect(code).toBe(0);
  expect(output).toContain('ended in order');
});

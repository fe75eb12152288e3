// Runs every gate and ends with one line: how many tests and gates passed, how many failed.
//
//   npm run ci                  what has to pass before a change lands
//   npm run ci -- --thorough    the same with all that the longest tests have (test/support/depth.ts)
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from './chromium.mjs';

const { values: chosen } = parseArgs({ options: { thorough: { type: 'boolean', default: false } } });
const environment = { ...process.env, ...(chosen.thorough ? {} : { DURABLE_TESTS: 'brief' }) };

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const npmRun = (script, ...args) => ({
  title: [script, ...args].join(' '),
  command: 'npm',
  args: ['run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])],
});
const jest = (...projects) => ({ title: `jest ${projects.join(' ')}`, projects, workers: 2 });
const jestInTurn = (...projects) => ({ ...jest(...projects), workers: 1 });
/** For tests that wait for processes a good part of their time. */
const jestCrowded = (...projects) => ({ ...jest(...projects), workers: 3 });
/**
 * On the PostgreSQL of npm, where there is no DATABASE_URL, though the machine has one: it starts its processes in less time, of
 * which these tests start thousands. The other gates take the machine's, so each run covers both.
 */
const embedded = (gate) => ({ ...gate, env: { PG_EMBEDDED: '1' } });

/** What `npm run demo` starts behind its build, which the gate `build` has made already. */
const demo = { title: 'demo', command: process.execPath, args: ['dist/sample-app/demo/main.js'] };

/**
 * Stages one after the other, each of lanes side by side, each of gates one after the other. First what fails fast; everything
 * after `build` may use `dist/`.
 *
 * What compares speeds or counts what the server does has the machine for itself (`load`), and so has what promises numbers
 * within seconds (`soak`). The others pass on a busy machine, but the long ones do not run beside each other: two cores are full
 * with one of them, and with two of them each takes half as much CPU again (measured: 719 s side by side, 591 s in turn).
 */
const STAGES = [
  [[npmRun('format:check'), npmRun('typecheck'), npmRun('build')], [npmRun('lint')]],
  [[jest('unit', 'docs', 'package')]],
  [[jestInTurn('load')]],
  [[embedded(jest('integration', 'e2e')), embedded(jestCrowded('crash'))]],
  [...(findChromium() ? [[embedded(jest('browser'))]] : []), [demo]],
  [[npmRun('soak', '--seconds', '40', '--workers', '3', '--runs', '30')]],
];

const scratch = mkdtempSync(path.join(tmpdir(), 'nest-durable-ci-'));
let passed = 0;
/** What failed, by name: it is said once more at the end, where the output of a long run is looked at. */
const failures = [];

/** Beside another lane its output waits for its end, so that lines are not mixed. */
async function run(command, args, { env = {} }, beside) {
  const output = beside ? 'pipe' : 'inherit';
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...environment, ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      text += `${error.message}\n`;
      resolve(-1);
    });
    child.once('close', resolve);
  });
  return { ok: status === 0, text };
}

/** A suite that could not even be loaded counts as one failure, as does a run of Jest without a report. */
async function runJest(gate, beside) {
  const { projects, workers } = gate;
  const report = path.join(scratch, `${projects.join('-')}.json`);
  const { ok, text } = await run(
    process.execPath,
    [...JEST, '--ci', `--maxWorkers=${workers}`, '--json', `--outputFile=${report}`, '--selectProjects', ...projects],
    gate,
    beside,
  );
  let counts;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: [`${gate.title}: Jest left no report`], text };
  }
  const failed = counts.testResults.flatMap(failuresOf);
  if (failed.length === 0 && !ok) failed.push(`${gate.title}: every test passed, but Jest did not end well`);
  return { passed: counts.numPassedTests, failed, text };
}

/** Names of the failed tests of a file; a file that could not even be loaded is one failure. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = path.relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && status === 'failed') {
    const [title, cause = ''] = message.trim().split(/\s*\n\s*/);
    return [`${file}: ${title}: ${cause}`];
  }
  return failed.map(({ fullName }) => `${file}: ${fullName}`);
}

async function runCommand(gate, beside) {
  const { ok, text } = await run(gate.command, gate.args, gate, beside);
  return ok ? { passed: 1, failed: [], text } : { passed: 0, failed: [gate.title], text };
}

async function pass(gate, beside) {
  const begun = Date.now();
  if (!beside) console.log(`\n=== ${gate.title}`);
  const { text, ...counts } = await (gate.projects ? runJest : runCommand)(gate, beside);
  passed += counts.passed;
  failures.push(...counts.failed);
  if (beside) console.log(`\n=== ${gate.title}\n${text.trimEnd()}`);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  console.log(`=== ${gate.title}: ${counts.passed} passed, ${counts.failed.length} failed (${seconds} s)`);
}

if (!findChromium()) console.log('There is no Chromium here: the tests in the browser are left out.');
const started = Date.now();
for (const lanes of STAGES) {
  await Promise.all(
    lanes.map(async (gates, lane) => {
      // The first lane speaks at once: nobody takes a stage of many minutes for dead.
      for (const gate of gates) await pass(gate, lane > 0);
    }),
  );
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\nall gates took ${((Date.now() - started) / 1000).toFixed(0)} s`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

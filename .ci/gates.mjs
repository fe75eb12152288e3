// Runs every gate and ends with one line: how many tests and gates passed, how many failed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findChromium } from './chromium.mjs';

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const npmRun = (script, ...args) => ({
  title: [script, ...args].join(' '),
  command: 'npm',
  args: ['run', '--silent', script, ...(args.length > 0 ? ['--', ...args] : [])],
});
const jest = (...projects) => ({ title: `jest ${projects.join(' ')}`, projects, workers: 2 });
/** What compares speeds, counts what the server does, or waits for processes that are killed has the machine for itself. */
const jestAlone = (...projects) => ({ ...jest(...projects), workers: 1 });
/**
 * On the PostgreSQL of npm, where there is no DATABASE_URL, though the machine has one: so each run covers both. The former
 * also starts its processes in less time, of which these tests start thousands.
 */
const embedded = (gate) => ({ ...gate, env: { PG_EMBEDDED: '1' } });

/**
 * Stages one after the other, each of lanes side by side, each of gates one after the other. First what fails fast; everything
 * after `build` may use `dist/`.
 */
const STAGES = [
  [[npmRun('format:check'), npmRun('typecheck'), npmRun('build')], [npmRun('lint')]],
  [[jest('unit', 'docs', 'package')]],
  [[jestAlone('load')]],
  [[embedded(jest('integration', 'e2e'))]],
  [[jestAlone('crash')]],
  ...(findChromium() ? [[[embedded(jestAlone('browser'))]]] : []),
  [[npmRun('soak', '--seconds', '40', '--workers', '3', '--runs', '30')]],
  [[npmRun('demo')]],
];

const scratch = mkdtempSync(path.join(tmpdir(), 'nest-durable-ci-'));
const total = { passed: 0, failed: 0 };

/** Beside another lane its output waits for its end, so that nothing is mixed. */
async function run(command, args, { env = {} }, beside) {
  const output = beside ? 'pipe' : 'inherit';
  const child = spawn(command, args, { stdio: ['ignore', output, output], env: { ...process.env, ...env } });
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
    return { passed: 0, failed: 1, text };
  }
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  return { passed: counts.numPassedTests, failed: failed === 0 && !ok ? 1 : failed, text };
}

async function runCommand(gate, beside) {
  const { ok, text } = await run(gate.command, gate.args, gate, beside);
  return ok ? { passed: 1, failed: 0, text } : { passed: 0, failed: 1, text };
}

async function pass(gate, beside) {
  const begun = Date.now();
  if (!beside) console.log(`\n=== ${gate.title}`);
  const { passed, failed, text } = await (gate.projects ? runJest : runCommand)(gate, beside);
  total.passed += passed;
  total.failed += failed;
  if (beside) console.log(`\n=== ${gate.title}\n${text.trimEnd()}`);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  console.log(`=== ${gate.title}: ${passed} passed, ${failed} failed (${seconds} s)`);
}

if (!findChromium()) console.log('There is no Chromium here: the tests in the browser are left out.');
const started = Date.now();
for (const lanes of STAGES) {
  await Promise.all(
    lanes.map(async (gates) => {
      for (const gate of gates) await pass(gate, lanes.length > 1);
    }),
  );
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\nall gates took ${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

// Runs every gate and ends with one line: how many tests and gates passed, how many failed.
import { spawnSync } from 'node:child_process';
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

/** In this order: what fails fast first; everything after `build` may use `dist/`. */
const GATES = [
  npmRun('format:check'),
  npmRun('typecheck'),
  npmRun('lint'),
  npmRun('build'),
  jest('unit', 'docs', 'package'),
  jestAlone('load'),
  jest('integration', 'e2e'),
  jestAlone('crash'),
  ...(findChromium() ? [jestAlone('browser')] : []),
  npmRun('soak', '--seconds', '40', '--workers', '3', '--runs', '30'),
  npmRun('demo'),
];

const scratch = mkdtempSync(path.join(tmpdir(), 'nest-durable-ci-'));
const total = { passed: 0, failed: 0 };

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(error.message);
  return status === 0;
}

/** A suite that could not even be loaded counts as one failure, as does a run of Jest without a report. */
function runJest({ projects, workers }) {
  const report = path.join(scratch, `${projects.join('-')}.json`);
  const ok = run(process.execPath, [
    ...JEST,
    '--ci',
    `--maxWorkers=${workers}`,
    '--json',
    `--outputFile=${report}`,
    '--selectProjects',
    ...projects,
  ]);
  let counts;
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
  const failed = counts.numFailedTests + counts.numRuntimeErrorTestSuites;
  return { passed: counts.numPassedTests, failed: failed === 0 && !ok ? 1 : failed };
}

if (!findChromium()) console.log('There is no Chromium here: the tests in the browser are left out.');
const started = Date.now();
for (const gate of GATES) {
  const begun = Date.now();
  console.log(`\n=== ${gate.title}`);
  const counts = gate.projects
    ? runJest(gate)
    : run(gate.command, gate.args)
      ? { passed: 1, failed: 0 }
      : { passed: 0, failed: 1 };
  total.passed += counts.passed;
  total.failed += counts.failed;
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  console.log(`=== ${gate.title}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`);
}
rmSync(scratch, { recursive: true, force: true });
console.log(`\nall gates took ${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

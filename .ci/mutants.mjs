// Proves that the tests can fail: takes one guard at a time out of a copy of the repository and runs the tests that have to
// notice. Ends with 1 when a mutant survives, when it breaks for another reason than a test's expectation, or when the
// tests are not green without it. `npm run mutants -- fence` runs those whose names say "fence"; `--write` keeps the table.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { startLocalPostgres } from '../sample-app/local-postgres.mjs';
import { MUTANTS } from './mutants/catalogue.mjs';
import { Copy } from './mutants/copy.mjs';

/** A mutant that makes a test wait for ever has to be told from one that is noticed. */
const LIMIT_MS = 400_000;
const TABLE = 'docs/reliability-mutants.md';
/** What a test says whose expectation about behaviour was not met. */
const UNMET = /expect\(|waited in vain/;
/** What a program says that cannot run at all, be it JavaScript or SQL. */
const BROKEN = /SyntaxError|ReferenceError|syntax error at|does not exist|Cannot find module|could not determine/;

const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const chosen = MUTANTS.filter(({ name }) => words.every((word) => name.includes(word)));

/** Runs tests in the copy. Resolves with Jest's report, or null when there is none in time. */
async function jest(copy, url, { tests, titles }) {
  const report = path.join(copy.root, 'report.json');
  rmSync(report, { force: true });
  const child = spawn(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
      ...['--ci', '--silent', '--json', `--outputFile=${report}`, '--testTimeout=100000', '--maxWorkers=2'],
      ...(titles ? ['--testNamePattern', titles] : []),
      ...['--runTestsByPath', ...tests],
    ],
    { cwd: copy.root, env: { ...process.env, DATABASE_URL: url, NO_COLOR: '1' }, stdio: 'ignore' },
  );
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return null;
  }
}

/** What became of a mutant: `red`, and by which test; or why that is not so. */
function verdict(report) {
  if (report === null) return { red: false, what: 'NO VERDICT: the tests did not end' };
  if (report.numRuntimeErrorTestSuites > 0) return { red: false, what: 'BROKEN: a test file could not be loaded' };
  const failed = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed');
  if (failed.length === 0) return { red: false, what: 'SURVIVED' };
  const noticed = failed.filter(
    ({ failureMessages }) => failureMessages.every((text) => !BROKEN.test(text)) && UNMET.test(failureMessages.join()),
  );
  if (noticed.length === 0) return { red: false, what: `BROKEN: ${failed[0].failureMessages[0].split('\n')[0]}` };
  return { red: true, what: noticed[0].fullName, failed: failed.length };
}

function tested({ numPassedTests, numFailedTests }) {
  return numPassedTests + numFailedTests;
}

/** The tests of all mutants, on the code as it is. Each filter of titles must find something. */
async function unmutated(copy, url) {
  const problems = [];
  const sets = new Map(chosen.map(({ tests, titles }) => [JSON.stringify([tests, titles]), { tests, titles }]));
  for (const set of sets.values()) {
    const report = await jest(copy, url, set);
    if (report?.success && tested(report) > 0) continue;
    const failed = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
    problems.push(
      set.tests.join(' '),
      ...failed.filter(({ status }) => status === 'failed').map(({ fullName }) => `  ${fullName}`),
    );
  }
  return problems;
}

function cells(texts) {
  return `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
}

function table(rows) {
  return [
    cells(['removed', 'what would happen', 'tests run', 'noticed by']),
    cells(['---', '---', '---', '---']),
    ...rows.map(({ name, guard, count, red, what, failed }) => {
      const others = failed > 1 ? `, and ${failed - 1} more` : '';
      return cells([name, guard, String(count), red ? `**red**: ${what}${others}` : what]);
    }),
  ].join('\n');
}

/** Keeps the document's words and replaces its table. */
async function write(rows) {
  const document = readFileSync(TABLE, 'utf8');
  const [before] = document.split(/^\| removed/m);
  const style = await resolveConfig(TABLE);
  writeFileSync(TABLE, await format(`${before}${table(rows)}\n`, { ...style, parser: 'markdown' }));
}

const copy = new Copy();
const server = process.env.DATABASE_URL ? null : await startLocalPostgres();
const url = process.env.DATABASE_URL ?? server.url;
const rows = [];
let problems = [];
try {
  problems = await unmutated(copy, url);
  if (problems.length > 0) console.error(`not green without a mutant:\n  ${problems.join('\n  ')}`);
  for (const mutant of problems.length > 0 ? [] : chosen) {
    const began = performance.now();
    const restore = copy.mutate(mutant.edits);
    const report = await jest(copy, url, mutant);
    restore();
    const row = { ...mutant, ...verdict(report), count: report ? tested(report) : 0 };
    rows.push(row);
    console.log(`${row.red ? 'red' : row.what}: ${mutant.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  }
} finally {
  copy.remove();
  await server?.stop();
}
console.log(`\n${table(rows)}\n`);
const survived = rows.filter(({ red }) => !red);
console.log(`${rows.length - survived.length} of ${chosen.length} mutants red`);
if (process.argv.includes('--write') && survived.length === 0 && words.length === 0) await write(rows);
process.exitCode = problems.length > 0 || survived.length > 0 || chosen.length === 0 ? 1 : 0;

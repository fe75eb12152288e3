import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeFaults, describeResult } from './report.js';
import { readOptions, USAGE, type SavedSoak } from './soak-options.js';
import { Soak } from './soak.js';

/** Where soaks are saved; not part of the repository. */
const FOLDER = '.soak';

const began = performance.now();

function say(line: string): void {
  const seconds = ((performance.now() - began) / 1_000).toFixed(1).padStart(7);
  console.log(`${seconds} s  ${line}`);
}

function save(name: string, soak: SavedSoak): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(soak, null, 1)}\n`);
  return file;
}

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  const soak = new Soak(options, say);
  const saved: SavedSoak = { ...options, faults: soak.faults };
  say(`seed ${options.seed}, ${options.workers} workers, ${options.runs} runs under way, ${soak.plans.length} plans`);
  for (const line of describeFaults(soak.faults)) console.log(line);
  save('last', saved);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => soak.endEarly());
  const result = await soak.run();
  const failed =
    result.verdicts.some(({ violations }) => violations.length > 0) || Object.keys(result.lacking).length > 0;
  for (const line of describeResult(result)) console.log(line);
  if (failed)
    say(`failed; repeat it with npm run soak -- --replay ${save(`failed-${options.seed}-${Date.now()}`, saved)}`);
  return !failed;
}

main().then(
  (passed) => {
    process.exitCode = passed ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error);
    console.error(USAGE);
    process.exitCode = 1;
  },
);

import { executorCost } from './executor-cost.js';

/** Enough samples that one of them falls into a quiet moment, each long enough for the compiler to have settled. */
const SAMPLES = 7;
const RUNS = 2_000;

/** Prints what the engine itself costs a step, without a database; with `--json` for machines. */
async function main(): Promise<void> {
  const cost = await executorCost({ samples: SAMPLES, runs: RUNS, inFlight: 200 });
  if (process.argv.includes('--json')) return console.log(JSON.stringify(cost));
  for (const [handlers, { best, median }] of Object.entries(cost)) {
    console.log(
      `${handlers} handlers: ${best.toFixed(1)} us of CPU a step at best, ${median.toFixed(1)} in the median`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

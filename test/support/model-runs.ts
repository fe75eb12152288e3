import type fc from 'fast-check';

/**
 * How often a property is tried. A failure prints its seed and path; `MODEL_SEED` and `MODEL_RUNS` repeat or extend it:
 * `MODEL_SEED=123 npm run jest -- test/unit/models`.
 */
export function tries(numRuns: number): fc.Parameters<unknown> {
  const { MODEL_SEED: seed, MODEL_RUNS: runs } = process.env;
  return { numRuns: runs ? Number(runs) : numRuns, ...(seed ? { seed: Number(seed) } : {}), endOnFailure: true };
}

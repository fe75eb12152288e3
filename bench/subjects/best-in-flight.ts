import { OURS } from './subject-names.js';

/**
 * How many runs an engine has in flight where the options do not say: as many as suit it best. With 1,000 in place of 200
 * pg-boss takes a sixth more CPU a step, the other peers gain nothing, and nest-durable takes a third less.
 */
const BEST: Readonly<Record<string, number>> = { [OURS]: 1_000 };
export const OF_THE_OTHERS = 200;

export function inFlightOf(subject: string, { inFlight }: { readonly inFlight: number | null }): number {
  return inFlight ?? BEST[subject] ?? OF_THE_OTHERS;
}

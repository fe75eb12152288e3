/**
 * Spreads a delay evenly over `ms ± ms * ratio`, so that processes that began together do not act together.
 *
 * @param ratio from 0 (no spread) to 1.
 * @param random returns a number in `[0, 1)`.
 */
export function jittered(ms: number, ratio: number, random: () => number = Math.random): number {
  return ms * (1 + ratio * (2 * random() - 1));
}

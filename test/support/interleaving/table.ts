/** The distinct lines of a race's outcomes, in the order of the alphabet: what a test lists and compares. */
export function table(outcomes: readonly string[]): readonly string[] {
  return [...new Set(outcomes)].sort();
}

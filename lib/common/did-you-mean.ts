/** Two slips (a missing letter, a swapped pair, …) are a typing error; three make another word. */
const MOST_SLIPS = 2;

/**
 * The candidate that somebody who wrote `name` most likely meant, ignoring case; `undefined` when none is close.
 *
 * @param candidates names or paths: `concurrency` also finds `worker.concurrency`.
 */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = MOST_SLIPS + 1;
  for (const candidate of candidates) {
    const slips = distance(lastPart(name), lastPart(candidate), fewest);
    if (slips < fewest) [best, fewest] = [candidate, slips];
  }
  return best;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase();
}

/** Levenshtein distance, or `most` when it is not below. https://en.wikipedia.org/wiki/Levenshtein_distance */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

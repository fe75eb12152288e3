/** Named numbers; null where one could not be measured. */
export type Figures = Readonly<Record<string, number | null>>;

/** Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The middle of a list, or the mean of its two middles. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest value that is not exceeded by `share` (0 to 1) of all. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))];
}

export function latencyOf(times: readonly number[]): Latency {
  return { p50: percentile(times, 0.5), p95: percentile(times, 0.95), p99: percentile(times, 0.99) };
}

/** The median of each figure of several measurements of one thing; null where it was never measured. */
export function medians(measured: readonly Figures[]): Figures {
  const names = [...new Set(measured.flatMap((figures) => Object.keys(figures)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = measured.map((figures) => figures[name]).filter((value) => typeof value === 'number');
      return [name, values.length === 0 ? null : median(values)];
    }),
  );
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

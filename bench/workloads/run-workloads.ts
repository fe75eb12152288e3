import type { Figures } from '../measure/statistics.js';
import type { Bench, CaseResult, Workload, WorkloadResult } from './workload.interface.js';

/** @returns those named, in the order of all. @throws RangeError for a name that none has. */
export function chooseNamed<T>(
  what: string,
  all: readonly T[],
  nameOf: (one: T) => string,
  only: readonly string[] | null,
): T[] {
  if (only === null) return [...all];
  const known = all.map(nameOf);
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new RangeError(`no ${what} is called ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  return all.filter((one) => only.includes(nameOf(one)));
}

/** @param progress is told what is measured next. */
export async function runWorkload(
  workload: Workload,
  bench: Bench,
  progress: (text: string) => void,
): Promise<WorkloadResult> {
  const cases = workload.cases(bench);
  const turns = new Map<string, Figures[]>(cases.map(({ row }) => [row, []]));
  const count = workload.turns ?? bench.options.turns;
  const settings = new Map<string, string>();
  try {
    for (let turn = 1; turn <= count; turn++) {
      for (const { row, measure } of cases) {
        progress(`${workload.name}, turn ${turn} of ${count}: ${row}`);
        const measured = await measure();
        turns.get(row)?.push(measured.figures);
        settings.set(row, measured.settings ?? '');
      }
    }
  } finally {
    for (const one of cases) await one.close?.();
  }
  const { name, title, columns } = workload;
  const results = cases.map(({ row }): CaseResult => ({
    row,
    settings: settings.get(row) ?? '',
    turns: turns.get(row) ?? [],
  }));
  return { name, title, columns, cases: results };
}

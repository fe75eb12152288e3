import type { TimedFault } from './nemesis/fault-plan.js';
import type { SoakResult } from './soak.js';

const EXAMPLES = 5;
const LINE_MS = 10_000;

/** The whole plan, a line for each ten seconds. */
export function describeFaults(faults: readonly TimedFault[]): string[] {
  const lines = new Map<number, string[]>();
  for (const { at, kind, ...more } of faults) {
    const line = Math.floor(at / LINE_MS);
    const details = Object.values(more).join(',').replace('\0', '');
    lines.set(line, [...(lines.get(line) ?? []), details ? `${kind}(${details})` : kind]);
  }
  return [...lines].map(([line, texts]) => `  from ${(line * LINE_MS) / 1_000} s: ${texts.join(' ')}`);
}

export function describeResult({ measures, faults, processes, traffic, verdicts, lacking }: SoakResult): string[] {
  const { takeover, counts, statuses, runs, journalRows, effects } = measures;
  return [
    '',
    ...verdicts.flatMap(({ invariant, violations }) => [
      `${violations.length === 0 ? 'holds   ' : 'VIOLATED'}  ${invariant.name}: ${invariant.statement}`,
      ...violations.slice(0, EXAMPLES).map(({ subject, what }) => `            ${subject} ${what}`),
      ...(violations.length > EXAMPLES ? [`            and ${violations.length - EXAMPLES} more`] : []),
    ]),
    '',
    `runs      ${runs}: ${list(statuses)}; ${journalRows} journal rows, ${effects} effects`,
    `faults    ${list(faults)}`,
    `processes ${list(processes)}`,
    `traffic   ${list(traffic)}`,
    `counts    ${list(counts as unknown as Record<string, number>)}`,
    `takeover  ${takeover.runs} runs, from SIGKILL until they went on elsewhere: median ${takeover.median} ms, p90 ${takeover.p90} ms, p99 ${takeover.p99} ms, worst ${takeover.worst} ms`,
    ...(takeover.slowest ?? []).map(
      (slow) =>
        `            run ${slow.run_id}, killed at ${slow.killed_at}: given back after ${slow.given_back_ms} ms, on after ${slow.ms} ms, delivery ${slow.deliveries}`,
    ),
    ...Object.entries(lacking).map(([name, wanted]) => `VACUOUS   fewer than ${wanted} ${name}`),
  ];
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

import type { Goal } from './goals.js';
import type { Report, ReportTable } from './report.js';

const MIN_WIDTH = 10;

/** The report as text for a terminal. */
export function renderReport(report: Report): string {
  return [...header(report), ...report.tables.flatMap(renderTable), ...renderGoals(report.goals)].join('\n');
}

function header({ date, minutes, machine, node, database, options, peers, warnings }: Report): string[] {
  const settings = Object.entries(database.settings).map(([name, value]) => `${name} ${value}`);
  const { turns, seconds, inFlight, quick } = options;
  const { before, after } = machine.load;
  return [
    `nest-durable bench, ${date.slice(0, 16).replace('T', ' ')} UTC, took ${minutes.toFixed(1)} minutes`,
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${node}, ` +
      `load ${before.toFixed(1)} before and ${after.toFixed(1)} after`,
    `PostgreSQL on ${database.place}: ${settings.join(', ')}`,
    `medians of ${turns} turns of ${seconds} s, ${inFlight ?? 'as many as suit each engine'} runs in flight${quick ? '; quick: a first impression' : ''}`,
    ...Object.entries(peers.present).map(([name, version]) => `peer ${name} ${version}`),
    ...Object.entries(peers.missing).map(([name, why]) => `NOT MEASURED: ${name}, ${why}`),
    ...warnings.map((warning) => `WARNING: ${warning}`),
  ];
}

export function renderTable({ name, title, columns, rows }: ReportTable): string[] {
  const cells = rows.map(({ figures }) => columns.map(({ figure, digits }) => number(figures[figure] ?? null, digits)));
  const widths = columns.map(({ title: head }, place) =>
    Math.max(MIN_WIDTH, head.length, ...cells.map((row) => row[place].length)),
  );
  const first = Math.max(...rows.map(({ row }) => row.length));
  const line = (head: string, texts: readonly string[]): string =>
    `  ${head.padEnd(first)}${texts.map((text, place) => ` ${text.padStart(widths[place])}`).join('')}`;
  return [
    '',
    `${name}: ${title}`,
    line(
      '',
      columns.map(({ title: head }) => head),
    ),
    ...rows.map(({ row }, index) => line(row, cells[index])),
    ...rows.filter(({ settings }) => settings !== '').map(({ row, settings }) => `  (${row}: ${settings})`),
  ];
}

function renderGoals(goals: readonly Goal[]): string[] {
  const width = Math.max(...goals.map(({ goal }) => goal.length));
  const verdict = (met: boolean | null): string => (met === null ? '' : met ? 'met' : 'NOT MET');
  return [
    '',
    'goals',
    ...goals.map(({ goal, measured, met }) =>
      `  ${goal.padEnd(width)}  ${verdict(met).padEnd(7)}  ${measured ?? 'not measured'}`.trimEnd(),
    ),
  ];
}

function number(value: number | null, digits: number): string {
  if (value === null) return '-';
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

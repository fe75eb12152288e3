/** The tables of events and metrics list what the code has, and the Grafana dashboard shows nothing else. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { DURABLE_EVENTS } from '../../lib/observability/durable-event-names.js';
import { METRICS } from '../../lib/metrics/metric-definitions.js';

/** The cells of the rows that begin with a name in backquotes. */
function rows(file: string, name: RegExp): string[][] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, first]) => name.test(first ?? ''))
    .map(([, ...cells]) => cells);
}

const quoted = (cell: string): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

/** The fields of each event, as the compiler sees them. */
function fields(): Record<string, string[]> {
  const file = 'lib/observability/durable-event.interface.ts';
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, strict: true, noLib: true, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file)!;
  const map = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === 'DurableEventMap')!;
  return Object.fromEntries(
    checker
      .getTypeAtLocation(map)
      .getProperties()
      .map((event) => {
        const names = checker
          .getTypeOfSymbol(event)
          .getProperties()
          .map((field) => field.name);
        return [event.name, names.sort()];
      }),
  );
}

it('lists every event with its fields', () => {
  const listed = rows('docs/events.md', /^`durable\./).map(([name = '', , cells = '']) => {
    return [name.replaceAll('`', ''), quoted(cells).sort()];
  });
  expect(Object.fromEntries(listed)).toEqual(fields());
  expect(listed.map(([name]) => name)).toEqual(DURABLE_EVENTS);
});

it('lists every metric with its type, unit, labels and meaning', () => {
  const listed = rows('docs/metrics.md', /^`durable_/).map(([name = '', type, unit = '', labels = '', help]) => {
    if (name.includes('_seconds')) expect([name, unit]).toEqual([name, 'seconds']);
    expect([name, unit]).not.toEqual([name, '']);
    return [name.replaceAll('`', ''), { type, help, labels: quoted(labels) }];
  });
  const defined = Object.entries(METRICS).map(([name, { type, help, labels }]) => [name, { type, help, labels }]);
  expect(listed).toEqual(defined);
});

it('has a Grafana dashboard that shows every metric, and none that there is not', () => {
  const dashboard = JSON.parse(readFileSync('docs/grafana-dashboard.json', 'utf8')) as {
    panels: { id: number; title: string; targets: { expr: string }[] }[];
  };
  const shown = dashboard.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/durable_\w+/g) ?? []),
  );
  const names = shown.map((name) => name.replace(/_bucket$/, ''));
  expect([...new Set(names)].sort()).toEqual(Object.keys(METRICS).sort());
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});

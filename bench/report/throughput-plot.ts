import { OURS } from '../subjects/subject-names.js';
import { ONE_STEP, TEN_STEPS } from '../workloads/throughput.workload.js';
import type { Report } from './report.js';
import { renderBarPlot, type BarPanel } from './svg-plot.js';

const TITLES = { [TEN_STEPS]: 'Runs of ten steps', [ONE_STEP]: 'Runs of one step' };

/** The throughputs of all engines as SVG. @throws RangeError when none was measured. */
export function renderThroughputPlot(report: Report): string {
  const panels = Object.entries(TITLES).flatMap(([name, title]): BarPanel[] => {
    const rows = report.tables.find((table) => table.name === name)?.rows ?? [];
    const bars = rows.flatMap(({ row, figures: { stepsPerSecond } }) =>
      stepsPerSecond ? [{ label: row, value: stepsPerSecond, ours: row === OURS }] : [],
    );
    return bars.length === 0 ? [] : [{ title, bars: bars.sort((a, b) => b.value - a.value) }];
  });
  if (panels.length === 0) throw new RangeError(`a plot needs the workload ${TEN_STEPS} or ${ONE_STEP}`);
  return renderBarPlot({
    title: 'No-op steps a second, one process',
    axis: 'steps a second, logarithmic',
    caption: caption(report),
    panels,
  });
}

function caption({ date, machine, node, database, options }: Report): string[] {
  const { cores, cpu, memoryGiB, load } = machine;
  const { server_version, synchronous_commit, fsync } = database.settings;
  const { turns, seconds, inFlight } = options;
  return [
    `${date.slice(0, 10)}, ${cores} cores (${cpu}), ${memoryGiB} GiB, load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after`,
    `PostgreSQL ${server_version}, fsync ${fsync}, synchronous_commit ${synchronous_commit}; Node ${node}`,
    `medians of ${turns} turns of ${seconds} s, ${inFlight ?? 'as many as suit each engine'} runs in flight`,
  ];
}

/** One bar. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What the plot is about, among what it is compared with. */
  readonly ours?: boolean;
}

export interface BarPanel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarPlot {
  readonly title: string;
  /** Machine, settings and date. */
  readonly caption: readonly string[];
  readonly axis: string;
  readonly panels: readonly BarPanel[];
}

const WIDTH = 860;
const LABELS = 270;
const VALUES = 80;
const BAR = 18;
const ROW = 26;
const PANEL_TITLE = 34;
const TOP = 48;
const AXIS = 44;
const LINE = 16;
const MARGIN = 16;

/** Colours that can be read on a light and on a dark page. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #57606a; }
  .title { font-size: 16px; font-weight: 600; } .panel { font-weight: 600; }
  .small { font-size: 11px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
  .bar { fill: #8c959f; } .ours { fill: #2f81f7; } .grid { stroke: #8c959f; stroke-opacity: 0.35; }
  @media (prefers-color-scheme: dark) { text { fill: #adbac7; } }`;

/** Horizontal bars on a logarithmic axis, which begins and ends at powers of ten. Values must be above 0. */
export function renderBarPlot({ title, caption, axis, panels }: BarPlot): string {
  const values = panels.flatMap(({ bars }) => bars.map(({ value }) => value));
  const scale = logScale(values, WIDTH - MARGIN - VALUES - LABELS);
  const body: string[] = [];
  let y = TOP;
  for (const { title: head, bars } of panels) {
    body.push(text(MARGIN, y + 12, head, 'panel'));
    y += PANEL_TITLE - ROW / 2;
    for (const bar of bars) {
      body.push(...renderBar(bar, y, scale.of(bar.value)));
      y += ROW;
    }
    y += ROW / 2;
  }
  const bottom = y;
  const grid = scale.ticks.flatMap((tick) => {
    const x = LABELS + scale.of(tick);
    return [
      `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${bottom}"/>`,
      text(x, bottom + LINE, tick.toLocaleString('en-US'), 'small middle'),
    ];
  });
  const captionTop = bottom + AXIS + LINE;
  const height = captionTop + caption.length * LINE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${STYLE}\n</style>`,
    text(MARGIN, 26, title, 'title'),
    ...grid,
    text(LABELS + scale.width / 2, bottom + 2 * LINE + 2, axis, 'small middle'),
    ...body,
    ...caption.map((line, index) => text(MARGIN, captionTop + index * LINE, line, 'small')),
    '</svg>',
    '',
  ].join('\n');
}

interface LogScale {
  readonly width: number;
  readonly ticks: readonly number[];
  of(value: number): number;
}

function logScale(values: readonly number[], width: number): LogScale {
  // The smallest bar still has a length.
  const from = Math.ceil(Math.log10(Math.min(...values))) - 1;
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
  return {
    width,
    ticks,
    of: (value) => Math.round(((Math.log10(value) - from) / (to - from)) * width * 10) / 10,
  };
}

function renderBar({ label, value, ours }: Bar, y: number, length: number): string[] {
  const baseline = y + BAR - 5;
  return [
    text(LABELS - 8, baseline, label, 'end'),
    `<rect class="${ours ? 'ours' : 'bar'}" x="${LABELS}" y="${y}" width="${length}" height="${BAR}" rx="2"/>`,
    text(LABELS + length + 6, baseline, Math.round(value).toLocaleString('en-US')),
  ];
}

function text(x: number, y: number, content: string, kind = ''): string {
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

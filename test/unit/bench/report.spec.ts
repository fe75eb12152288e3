/** Covers: the table and the plot of the bench. */
import { renderTable } from '../../../bench/report/render-report.js';
import { renderBarPlot } from '../../../bench/report/svg-plot.js';

describe('the table of a workload', () => {
  it('lines figures up, and says what was not measured and with what settings', () => {
    const columns = [
      { figure: 'speed', title: 'steps/s', digits: 0 },
      { figure: 'cost', title: 'CPU ms', digits: 2 },
    ];
    const rows = [
      { row: 'ours', settings: 'concurrency 2', figures: { speed: 12345.6, cost: 0.5 }, turns: [] },
      { row: 'a peer', settings: '', figures: { speed: 9, cost: null }, turns: [] },
    ];
    expect(renderTable({ name: 'load', title: 'What is done', columns, rows })).toEqual([
      '',
      'load: What is done',
      '            steps/s     CPU ms',
      '  ours       12,346       0.50',
      '  a peer          9          -',
      '  (ours: concurrency 2)',
    ]);
  });
});

describe('the plot', () => {
  const svg = renderBarPlot({
    title: 'Speed <of all>',
    caption: ['2026-01-02'],
    axis: 'steps a second',
    panels: [
      {
        title: 'Ten steps',
        bars: [
          { label: 'ours', value: 10_000, ours: true },
          { label: 'R&D', value: 100 },
        ],
      },
    ],
  });
  const widths = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));

  it('draws a bar by the logarithm of its value', () => {
    expect(widths).toHaveLength(2);
    expect(widths[0] / widths[1]).toBeCloseTo(3, 1);
  });

  it('labels axis, powers of ten and values', () => {
    for (const label of ['steps a second', '>10<', '>100<', '>1,000<', '>10,000<', '2026-01-02']) {
      expect(svg).toContain(label);
    }
  });

  it('escapes what labels say', () => {
    expect(svg).toContain('Speed &lt;of all&gt;');
    expect(svg).toContain('R&amp;D');
  });
});

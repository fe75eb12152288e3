/** The pure half of the timeline: which bars stand in which row, and where. Drawing it is covered by test/browser. */
import type { TimelineSpan } from '../../../lib/dashboard/api/dashboard-api.contract.js';
import { linearScale, squeezedScale } from '../../../lib/dashboard/ui/src/timeline/time-scale.js';
import { timelineOf } from '../../../lib/dashboard/ui/src/timeline/timeline-rows.js';

const T0 = Date.parse('2030-01-01T00:00:00.000Z');
const DAY = 86_400_000;
const span = (
  node: string | null,
  from: number,
  to: number | null,
  more: Partial<TimelineSpan> = {},
): TimelineSpan => ({
  unit: node,
  node,
  kind: 'attempt',
  outcome: to === null ? 'open' : 'completed',
  attempt: 1,
  from: new Date(T0 + from).toISOString(),
  to: to === null ? null : new Date(T0 + to).toISOString(),
  label: '',
  ...more,
});

describe('the rows of a timeline', () => {
  it('stand one a node, as the nodes began, whatever order the bars come in', () => {
    const model = timelineOf([span('b', 20, 30), span(null, 0, 5), span('a', 10, 15), span('a', 40, 50)], T0 + 99)!;
    expect(model.rows.map(({ node }) => node)).toEqual([null, 'a', 'b']);
    expect([model.from - T0, model.to - T0]).toEqual([0, 50]);
  });

  it('let open bars end now', () => {
    const model = timelineOf([span('a', 0, null)], T0 + 700)!;
    expect(model.rows[0].lanes[0][0]).toMatchObject({ from: T0, to: T0 + 700 });
  });

  it('put bars that overlap below each other, and count those that find no place', () => {
    const items = Array.from({ length: 20 }, (_, index) => span('pack', 0, 100, { unit: `pack#${index}` }));
    const [row] = timelineOf([...items, span('pack', 200, 300)], T0)!.rows;
    expect([row.lanes.length, row.hidden, row.lanes[0].length]).toEqual([8, 12, 2]);
  });

  it('are none without bars', () => {
    expect(timelineOf([], T0)).toBeNull();
  });
});

describe('a scale that is true', () => {
  it('gives a length of time the same length everywhere, and stays inside', () => {
    const { place } = linearScale(T0, T0 + 1000);
    expect([0, 250, 500, 1000, -5, 2000].map((at) => place(T0 + at))).toEqual([0, 0.25, 0.5, 1, 0, 1]);
  });

  it.each([
    [1, ['0']],
    [90, ['0', '20ms', '40ms', '60ms', '80ms']],
    [65_000, ['0', '15s', '30s', '45s', '1m']],
    [7 * DAY, ['0', '2d', '4d', '6d']],
    [400 * DAY, ['0', '90d', '180d', '270d', '360d']],
  ])('has a handful of round ticks for %d ms', (length, labels) => {
    expect(linearScale(T0, T0 + length).ticks.map(({ label }) => label)).toEqual(labels);
  });
});

describe('a scale with the waits cut', () => {
  const busy = [
    { from: T0, to: T0 + 1000 },
    { from: T0 + 7 * DAY, to: T0 + 7 * DAY + 1000 },
  ];

  it('leaves what was executed to scale, and cuts the week between to a sign that says how long it was', () => {
    const scale = squeezedScale(T0, T0 + 7 * DAY + 1000, busy);
    const [first, second] = busy.map(({ from, to }) => scale.place(to) - scale.place(from));
    expect(first).toBeCloseTo(0.47, 5);
    expect(second).toBeCloseTo(first, 5);
    expect(scale.breaks).toMatchObject([{ label: '6d 23h' }]);
    expect(scale.breaks[0].to - scale.breaks[0].from).toBeCloseTo(0.06, 5);
  });

  it('never goes backwards', () => {
    const { place } = squeezedScale(T0, T0 + 7 * DAY + 1000, busy);
    const places = Array.from({ length: 200 }, (_, index) => place(T0 + (index * (7 * DAY + 1000)) / 199));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect([places[0], places.at(-1)]).toEqual([0, 1]);
  });

  it('is the true one when nothing long was waited for', () => {
    const scale = squeezedScale(T0, T0 + 1000, [{ from: T0, to: T0 + 900 }]);
    expect([scale.breaks, scale.place(T0 + 500)]).toEqual([[], 0.5]);
  });

  it('holds with many waits and with nothing executed at all', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ from: T0 + index * DAY, to: T0 + index * DAY + 1 }));
    const scale = squeezedScale(T0, T0 + 40 * DAY, many);
    expect(scale.place(T0 + 40 * DAY)).toBeCloseTo(1, 5);
    expect(squeezedScale(T0, T0 + DAY, []).place(T0 + DAY / 2)).toBeCloseTo(0.5, 5);
  });
});

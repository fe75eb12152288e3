// Covers: how results are gathered from journal rows. How steps see them: isolation.spec.ts of the integration tests.
import { RunResults, type ResultEntry } from '../../../lib/definition/run-results.js';

const row = (key: string, kind: ResultEntry['kind'], value: unknown): ResultEntry => {
  return { key, kind, result: JSON.stringify(value) };
};
const view = (...rows: ResultEntry[]): Record<string, unknown> => ({ ...RunResults.of(rows).view() });

it('shows steps, waits and children by the name of their node', () => {
  expect(
    view(row('a', 'step', 1), row('b', 'sleep', null), row('c', 'signal', { ok: true }), row('d', 'child', { x: 1 })),
  ).toEqual({ a: 1, b: null, c: { ok: true }, d: { x: 1 } });
});

it('shows a group once it is finished', () => {
  const branches = [row('p.x', 'branch', 1), row('p.y', 'branch', 2)];

  expect(view(...branches)).toEqual({});
  expect(view(...branches, row('p', 'composite', []))).toEqual({ p: { x: 1, y: 2 } });
});

it('shows a route with the branch that was taken', () => {
  expect(view(row('r', 'decision', 'left'))).toEqual({});
  expect(view(row('r', 'decision', 'left'), row('r.left', 'branch', 'done'))).toEqual({
    r: { branch: 'left', result: 'done' },
  });
});

it('shows iterations and items in their order, whichever finished first', () => {
  const items = [row('f#2', 'item', 'c'), row('f#0', 'item', 'a'), row('f#1', 'item', 'b')];

  expect(view(...items, row('f', 'composite', []))).toEqual({ f: ['a', 'b', 'c'] });
  expect(view(row('f', 'composite', []))).toEqual({ f: [] });
});

it('leaves out what was undone, suspended or only fixed', () => {
  expect(
    view(row('a', 'step', 1), row('undo:a', 'undo', 2), row('wait:b#0', 'suspension', 3), row('items:f', 'items', [])),
  ).toEqual({ a: 1 });
});

it.each([
  ['short', ''],
  ['long', 'x'.repeat(100)],
])('parses what is %s anew for every view, and once', (_, filling) => {
  const results = RunResults.of([row('a', 'step', { n: [1], filling })]);
  const first = results.view() as { a: { n: number[] } };
  first.a.n.push(2);

  expect(first.a).toBe(first.a);
  expect(first.a.n).toEqual([1, 2]);
  expect(results.view().a).toEqual({ n: [1], filling });
});

it('does not parse what is long before it is read', () => {
  const long = 'no JSON'.padEnd(100);
  const results = RunResults.of([{ key: 'b', kind: 'step', result: long }]);
  expect(results.has('b')).toBe(true);
  expect(Object.keys(results.view())).toEqual(['b']);
  expect(() => results.view().b).toThrow(SyntaxError);
});

/**
 * Holds `docs/state-machine.md` and the table of transitions together. The behaviour of the table itself is covered by
 * the unit tests of `lib/definition`.
 */
import { readFileSync } from 'node:fs';
import { RUN_STATUSES, RUN_TRANSITIONS, isTerminal } from '../../../lib/definition/run-state.js';

const page = readFileSync('docs/state-machine.md', 'utf8');
const drawing = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
const arrows = [...drawing.matchAll(/^ *(\S+) --> (\w+|\[\*\])(?:: (.+))?$/gm)].map(([, from, to, label]) => ({
  from,
  to,
  label,
}));

const between = arrows.filter(({ from, to }) => from !== '[*]' && to !== '[*]');
const sorted = (values: Iterable<string | undefined>): (string | undefined)[] => [...values].sort();

describe('the drawing of the state machine', () => {
  it('contains nothing but arrows', () => {
    const lines = drawing.split('\n').filter((line) => line.trim() !== '');
    expect(lines).toHaveLength(arrows.length);
  });

  it('draws every allowed transition, once, and no other', () => {
    const allowed = RUN_STATUSES.flatMap((from) => RUN_TRANSITIONS[from].map((to) => `${from} --> ${to}`));
    expect(sorted(between.map(({ from, to }) => `${from} --> ${to}`))).toEqual(sorted(allowed));
  });

  it('says what causes each transition', () => {
    expect(between.filter(({ label }) => label === undefined)).toEqual([]);
  });

  it('ends in the terminal statuses', () => {
    const ends = arrows.filter(({ to }) => to === '[*]').map(({ from }) => from);
    expect(sorted(ends)).toEqual(sorted(RUN_STATUSES.filter(isTerminal)));
  });

  it('explains every status in the table below it', () => {
    const explained = [...page.matchAll(/^\| `(\w+)` /gm)].map(([, status]) => status);
    expect(explained).toEqual([...RUN_STATUSES]);
  });
});

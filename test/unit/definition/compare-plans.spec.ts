/**
 * Covers what keeps a run from going on by a changed plan, and what does not. What the engine makes of it is in
 * test/integration/deploys.
 */
import { comparePlans, describeDifferences } from '../../../lib/definition/compare-plans.js';
import { durable, type DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import type { JournalKind } from '../../../lib/definition/journal-key.js';
import { planToJson } from '../../../lib/definition/plan-json.js';
import { footprintOfJournal, uniformFootprint } from '../../../lib/definition/run-footprint.js';

const handler = () => 1;
const undo = () => 1;
const branch = (name: string, compensate?: () => number) => ({ name, handler, ...(compensate ? { compensate } : {}) });

type Build = (workflow: DurableWorkflow) => DurableWorkflow;
type Row = readonly [key: string, kind: JournalKind, result?: unknown];

interface Case {
  readonly title: string;
  readonly former: Build;
  readonly present: Build;
  readonly cursor: number;
  readonly journal?: readonly Row[];
  readonly begun?: boolean;
  /** Texts of the differences; none where absent. */
  readonly stops?: readonly string[];
}

const compare = ({ former, present, cursor, journal = [], begun = true }: Omit<Case, 'title'>) => {
  const rows = journal.map(([key, kind, result = null]) => ({ key, kind, result: JSON.stringify(result) }));
  const plans = [former, present].map((build) => planToJson(build(durable('w'))));
  return comparePlans(plans[0], plans[1], { cursor, begun, footprint: footprintOfJournal(rows) });
};

const abc: Build = (w) => w.step('a', handler).step('b', handler).step('c', handler);

const goesOn: readonly Case[] = [
  { title: 'with an appended node', former: abc, present: (w) => abc(w).step('d', handler), cursor: 3 },
  {
    title: 'with other options, limits and durations',
    former: (w) =>
      w
        .step('a', handler)
        .loop('l', handler, { maxIterations: 3 })
        .forEach('f', handler, { items: () => [] })
        .sleep('s', '1d')
        .waitForSignal('g', 'go', { timeout: '1d' })
        .childWorkflow('k', 'child'),
    present: (w) =>
      w
        .step('a', () => 2, { maxAttempts: 9, timeout: '1m', transactional: true })
        .loop('l', handler, { maxIterations: 30 })
        .forEach('f', handler, { items: () => [1], concurrency: 9 })
        .sleep('s', '2d')
        .waitForSignal('g', 'go', { timeout: '2d' })
        .childWorkflow('k', 'child', handler, { version: 2, parentClose: 'abandon' }),
    cursor: 5,
    journal: [
      ['a', 'step'],
      ['l#0', 'iteration'],
      ['f#0', 'item'],
      ['wait:k', 'suspension'],
    ],
  },
  {
    title: 'with a node inserted ahead',
    former: abc,
    present: (w) => w.step('a', handler).step('x', handler).step('b', handler),
    cursor: 0,
  },
  {
    title: 'with a node removed ahead',
    former: abc,
    present: (w) => w.step('a', handler).step('c', handler),
    cursor: 0,
  },
  {
    title: 'with another order ahead',
    former: abc,
    present: (w) => w.step('a', handler).step('c', handler).step('b', handler),
    cursor: 0,
  },
  { title: 'with another kind ahead', former: abc, present: (w) => w.step('a', handler).sleep('b', '1d'), cursor: 0 },
  {
    title: 'with another plan altogether when it never began',
    former: abc,
    present: (w) => w.sleep('z', '1d'),
    cursor: 0,
    begun: false,
  },
  {
    title: 'with a new compensation of what is done',
    former: abc,
    present: (w) => w.step('a', handler, { compensate: undo }).step('b', handler),
    cursor: 1,
    journal: [['a', 'step']],
  },
  {
    title: 'without the compensation of what is undone already',
    former: (w) => w.step('a', handler, { compensate: undo }).step('b', handler),
    present: (w) => w.step('a', handler).step('b', handler),
    cursor: 1,
    journal: [
      ['a', 'step'],
      ['undo:a', 'undo'],
    ],
  },
  {
    title: 'without the compensation of the step that it is in',
    former: (w) => w.step('a', handler, { compensate: undo }),
    present: (w) => w.step('a', handler),
    cursor: 0,
  },
  {
    title: 'without the compensation of another branch than its own',
    former: (w) => w.route('r', () => 'x', { x: handler, y: { handler, compensate: undo } }),
    present: (w) => w.route('r', () => 'x', { x: handler, y: handler }),
    cursor: 1,
    journal: [
      ['r', 'decision', 'x'],
      ['r.x', 'branch'],
    ],
  },
  {
    title: 'without a branch that it has not taken',
    former: (w) => w.route('r', () => 'x', { x: handler, y: handler }),
    present: (w) => w.route('r', () => 'x', { x: handler }),
    cursor: 1,
    journal: [
      ['r', 'decision', 'x'],
      ['r.x', 'branch'],
    ],
  },
  {
    title: 'without a branch of its group that is not done',
    former: (w) => w.parallel('p', [branch('x'), branch('y')]),
    present: (w) => w.parallel('p', [branch('x'), branch('z')]),
    cursor: 0,
    journal: [['p.x', 'branch']],
  },
  {
    title: 'with another signal, even while it waits: the journal says for which',
    former: (w) => w.waitForSignal('s', 'yes'),
    present: (w) => w.waitForSignal('s', 'approved'),
    cursor: 0,
    journal: [['wait:s', 'suspension', { until: null, signals: ['yes'] }]],
  },
  {
    title: 'with another child before it has started one',
    former: (w) => w.childWorkflow('k', 'parcel'),
    present: (w) => w.childWorkflow('k', 'shipment'),
    cursor: 0,
  },
  {
    title: 'with another child once that has ended',
    former: (w) => w.childWorkflow('k', 'parcel').step('a', handler),
    present: (w) => w.childWorkflow('k', 'shipment').step('a', handler),
    cursor: 1,
    journal: [
      ['wait:k', 'suspension', { childId: '1' }],
      ['k', 'child'],
    ],
  },
  { title: 'behind its last node', former: abc, present: (w) => abc(w).sleep('d', 1), cursor: 3 },
];

const stops: readonly Case[] = [
  {
    title: 'when a node that it has passed was renamed',
    former: abc,
    present: (w) => w.step('pay', handler).step('b', handler),
    cursor: 1,
    stops: ['node 1 was "a" (step) and is now "pay" (step)'],
  },
  {
    title: 'when the node that it is in was renamed',
    former: abc,
    present: (w) => w.step('a', handler).sleep('wait', 1).step('c', handler),
    cursor: 1,
    stops: ['node 2 was "b" (step) and is now "wait" (sleep)'],
  },
  {
    title: 'when a node that it has passed was removed',
    former: abc,
    present: (w) => w.step('b', handler).step('c', handler),
    cursor: 1,
    stops: ['node 1, "a" (step), was removed'],
  },
  {
    title: 'when the node that it is in, the last one, was removed',
    former: abc,
    present: (w) => w.step('a', handler).step('b', handler),
    cursor: 2,
    stops: ['node 3, "c" (step), was removed'],
  },
  {
    title: 'when a node was inserted among those that it has passed',
    former: abc,
    present: (w) => w.step('a', handler).step('x', handler).step('b', handler).step('c', handler),
    cursor: 2,
    stops: ['"x" (step) was inserted before node 2, "b" (step)'],
  },
  {
    title: 'when the order of what it has passed changed',
    former: abc,
    present: (w) => w.step('b', handler).step('a', handler).step('c', handler),
    cursor: 2,
    stops: ['node 1 was "a" (step) and is now "b" (step): their order changed'],
  },
  {
    title: 'when the kind of what it has passed changed',
    former: abc,
    present: (w) => w.step('a', handler).sleep('b', 1).step('c', handler),
    cursor: 2,
    stops: ['node 2, "b", was a step and is now a sleep'],
  },
  {
    title: 'when a forEach that it is in became a loop',
    former: (w) => w.forEach('f', handler, { items: () => [] }),
    present: (w) => w.loop('f', handler, { maxIterations: 1 }),
    cursor: 0,
    journal: [['f#0', 'item']],
    stops: ['node 1, "f", was a forEach and is now a loop'],
  },
  {
    title: 'when a branch that is done was removed',
    former: (w) => w.parallel('p', [branch('x'), branch('y')]),
    present: (w) => w.parallel('p', [branch('y')]),
    cursor: 0,
    journal: [['p.x', 'branch']],
    stops: ['node 1, "p", has no branch "x" any more, which this run has taken'],
  },
  {
    title: 'when the branch that its route has decided for was removed',
    former: (w) => w.route('r', () => 'x', { x: handler, y: handler }),
    present: (w) => w.route('r', () => 'y', { y: handler }),
    cursor: 0,
    journal: [['r', 'decision', 'x']],
    stops: ['node 1, "r", has no branch "x" any more, which this run has taken'],
  },
  {
    title: 'when it waits for a child and the node now starts another',
    former: (w) => w.childWorkflow('k', 'parcel'),
    present: (w) => w.childWorkflow('k', 'shipment'),
    cursor: 0,
    journal: [['wait:k', 'suspension', { childId: '1' }]],
    stops: ['node 1, "k", waits for a child "parcel" and would now start "shipment"'],
  },
  {
    title: 'when what would undo it was removed, of units of every kind',
    former: (w) =>
      w
        .step('a', handler, { compensate: undo })
        .parallel('p', [branch('x', undo), branch('y', undo)])
        .route('r', () => 'x', { x: { handler, compensate: undo } })
        .loop('l', handler, { maxIterations: 2, compensate: undo })
        .forEach('f', handler, { items: () => [], compensate: undo })
        .step('end', handler),
    present: (w) =>
      w
        .step('a', handler)
        .parallel('p', [branch('x'), branch('y', undo)])
        .route('r', () => 'x', { x: handler })
        .loop('l', handler, { maxIterations: 2 })
        .forEach('f', handler, { items: () => [] })
        .step('end', handler),
    cursor: 5,
    journal: [
      ['a', 'step'],
      ['p.x', 'branch'],
      ['p.y', 'branch'],
      ['r', 'decision', 'x'],
      ['r.x', 'branch'],
      ['l#0', 'iteration'],
      ['l#1', 'iteration'],
      ['undo:l#1', 'undo'],
      ['f#0', 'item'],
    ],
    stops: ['a', 'p.x', 'r.x', 'l', 'f'].map((unit) => `"${unit}" is done in this run, and what undoes it was removed`),
  },
  {
    title: 'naming all that is wrong up to the first node that stands elsewhere',
    former: (w) => w.step('a', handler, { compensate: undo }).sleep('b', 1).step('c', handler).step('d', handler),
    present: (w) => w.step('a', handler).step('b', handler).step('d', handler),
    cursor: 3,
    journal: [['a', 'step']],
    stops: [
      '"a" is done in this run, and what undoes it was removed',
      'node 2, "b", was a sleep and is now a step',
      'node 3, "c" (step), was removed',
    ],
  },
];

describe('a run goes on', () => {
  it.each(goesOn)('$title', (one) => {
    expect(compare(one)).toEqual([]);
  });
});

describe('a run stops', () => {
  it.each(stops)('$title', (one) => {
    expect(compare(one).map(({ text }) => text)).toEqual(one.stops);
  });

  it('with the kind of change, the node and its place as data', () => {
    expect(compare(stops[1])).toEqual([
      { change: 'renamed', node: 'b', index: 1, text: 'node 2 was "b" (step) and is now "wait" (sleep)' },
    ]);
  });

  it('and says at most three differences at length', () => {
    expect(describeDifferences(compare(stops[11]))).toBe(
      '"a" is done in this run, and what undoes it was removed; ' +
        '"p.x" is done in this run, and what undoes it was removed; ' +
        '"r.x" is done in this run, and what undoes it was removed; and 2 more',
    );
  });
});

describe('whatever the plan', () => {
  const plans = Array.from({ length: 300 }, (_, seed) => randomPlan(seed));

  it('compared with itself, it carries every run, wherever it is and whatever it has journaled', () => {
    for (const plan of plans) {
      for (let cursor = 0; cursor <= plan.nodes.length; cursor++) {
        for (const footprint of [uniformFootprint(true), uniformFootprint(false)]) {
          expect(comparePlans(plan, plan, { cursor, begun: true, footprint })).toEqual([]);
        }
      }
    }
  });

  it('a run that goes on in one place could have gone on in every earlier one', () => {
    const footprint = uniformFootprint(false);
    for (const [index, plan] of plans.entries()) {
      const other = plans[(index * 7 + 1) % plans.length];
      const carried = plan.nodes.map((_, cursor) => {
        return comparePlans(plan, other, { cursor, begun: true, footprint }).length === 0;
      });
      expect(carried).toEqual([...carried].sort((a, b) => Number(b) - Number(a)));
    }
  });

  it('what stops a run that has journaled nothing stops one that has journaled everything', () => {
    for (const [index, plan] of plans.entries()) {
      const other = plans[(index * 11 + 3) % plans.length];
      for (let cursor = 0; cursor <= plan.nodes.length; cursor++) {
        const [least, most] = [false, true].map((answer) => {
          return comparePlans(plan, other, { cursor, begun: true, footprint: uniformFootprint(answer) });
        });
        expect(most.length).toBeGreaterThanOrEqual(least.length);
      }
    }
  });
});

/** A plan of up to six nodes of every kind, from few names, so that two of them often begin alike. */
function randomPlan(seed: number) {
  let state = seed + 1;
  const below = (limit: number): number => {
    state = (state * 48_271) % 2_147_483_647; // https://en.wikipedia.org/wiki/Lehmer_random_number_generator
    return state % limit;
  };
  const options = () => (below(2) === 0 ? { compensate: undo } : {});
  const workflow = durable('w');
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, 1 + below(6))) {
    if (below(4) === 0) continue;
    const kinds: readonly (() => unknown)[] = [
      () => workflow.step(name, handler, options()),
      () => workflow.parallel(name, [branch('x', undo), { ...branch('y'), ...options() }].slice(below(2))),
      () => workflow.route(name, () => 'x', { x: handler, [`y${below(2)}`]: { handler, ...options() } }),
      () => workflow.loop(name, handler, { maxIterations: 1, ...options() }),
      () => workflow.forEach(name, handler, { items: () => [], ...options() }),
      () => workflow.sleep(name, below(9)),
      () => workflow.waitForSignal(name, `s${below(2)}`),
      () => workflow.waitForAny(name, ['s', `t${below(2)}`]),
      () => workflow.childWorkflow(name, `k${below(2)}`),
    ];
    kinds[below(3) === 0 ? below(kinds.length) : 0]();
  }
  return planToJson(workflow);
}

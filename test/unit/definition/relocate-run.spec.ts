/** Covers finding the place of a run in another plan. Moving it there is in test/integration/deploys/migrate.spec.ts. */
import { durable, type DurableWorkflow } from '../../../lib/definition/durable-workflow.js';
import { planToJson } from '../../../lib/definition/plan-json.js';
import { relocateRun } from '../../../lib/definition/relocate-run.js';
import { footprintOfMarks } from '../../../lib/definition/run-footprint.js';

const handler = () => 1;
type Build = (workflow: DurableWorkflow) => DurableWorkflow;

interface Case {
  readonly title: string;
  readonly former?: Build;
  readonly target: Build;
  readonly cursor: number;
  readonly marks?: readonly string[];
  readonly map?: Readonly<Record<string, string>>;
  readonly begun?: boolean;
  readonly compensating?: boolean;
}

const abc: Build = (w) => w.step('a', handler).step('b', handler).step('c', handler);

const relocate = ({ former = abc, target, cursor, marks = [], map = {}, begun = true, compensating = false }: Case) =>
  relocateRun({
    former: planToJson(former(durable('w'))),
    target: planToJson(target(durable('w', { version: 2 }))),
    position: { cursor, begun, footprint: footprintOfMarks(marks) },
    compensating,
    map,
  });

describe('a run finds its place', () => {
  it.each<Case & { readonly place: number; readonly renames?: readonly (readonly string[])[] }>([
    { title: 'in the same nodes', target: abc, cursor: 1, place: 1 },
    {
      title: 'where nodes were inserted and removed ahead',
      target: (w) => w.step('a', handler).step('b', handler).sleep('x', 1),
      cursor: 1,
      place: 1,
    },
    {
      title: 'where what it has passed stands in another order',
      target: (w) => w.step('b', handler).step('a', handler).step('c', handler),
      cursor: 2,
      place: 2,
    },
    {
      title: 'behind the last node',
      target: (w) => abc(w).step('d', handler),
      cursor: 3,
      place: 3,
    },
    {
      title: 'where what it has passed is called otherwise',
      target: (w) => w.step('x', handler).step('b', handler).step('c', handler),
      cursor: 1,
      map: { a: 'x', c: 'c' },
      place: 1,
      renames: [['a', 'x']],
    },
    {
      title: 'where two nodes have changed names',
      target: (w) => w.step('b', handler).step('a', handler).step('c', handler),
      cursor: 2,
      map: { a: 'b', b: 'a' },
      place: 2,
      renames: [
        ['a', 'b'],
        ['b', 'a'],
      ],
    },
    {
      title: 'in a wait that is called otherwise',
      former: (w) => w.step('a', handler).waitForSignal('s', 'go'),
      target: (w) => w.step('a', handler).waitForSignal('approval', 'go'),
      cursor: 1,
      marks: ['wait:s'],
      map: { s: 'approval' },
      place: 1,
      renames: [['s', 'approval']],
    },
    {
      title: 'at the beginning of any plan when it never began',
      target: (w) => w.sleep('z', 1),
      cursor: 0,
      begun: false,
      place: 0,
    },
  ])('$title', ({ place, renames = [], ...one }) => {
    expect(relocate(one)).toEqual({ cursor: place, renames, reasons: [] });
  });
});

describe('a run is refused', () => {
  it.each<Case & { readonly reasons: readonly string[] }>([
    {
      title: 'when a node that it has passed is gone',
      target: (w) => w.step('b', handler),
      cursor: 1,
      reasons: ['"a", which this run has passed, is not in version 2'],
    },
    {
      title: 'when the node that it is in is gone',
      target: (w) => w.step('a', handler),
      cursor: 1,
      reasons: ['"b", which this run is in, is not in version 2'],
    },
    {
      title: 'when a node is not there under its new name either',
      target: (w) => w.step('x', handler).step('b', handler),
      cursor: 1,
      map: { a: 'y' },
      reasons: [
        '"a", which this run has passed, is not in version 2 as "y"',
        '"x" of version 2 would never be executed: it stands before the place of the run',
      ],
    },
    {
      title: 'when a new node stands before its place',
      target: (w) => w.step('a', handler).step('x', handler).step('b', handler),
      cursor: 1,
      reasons: ['"x" of version 2 would never be executed: it stands before the place of the run'],
    },
    {
      title: 'when a node that it has passed stands behind its place',
      target: (w) => w.step('b', handler).step('a', handler),
      cursor: 1,
      reasons: [
        '"a", which this run has passed, would be executed again: it stands behind the place of the run in version 2',
      ],
    },
    {
      title: 'when what it has passed has another kind',
      target: (w) => w.sleep('a', 1).step('b', handler),
      cursor: 1,
      reasons: ['node 1, "a", was a step and is now a sleep'],
    },
    {
      title: 'when two of its nodes would have one name',
      target: (w) => w.step('a', handler).step('c', handler),
      cursor: 2,
      map: { b: 'a' },
      reasons: ['two nodes of this run would be called "a"'],
    },
    {
      title: 'when the step that it is in would have another name, and so another idempotency key',
      target: (w) => w.step('a', handler).step('x', handler),
      cursor: 1,
      map: { b: 'x' },
      reasons: [
        '"b" may be at work under an idempotency key that its new name would change: let it finish by the former plan',
      ],
    },
    {
      title: 'when what it is undoing would have another name',
      target: (w) => w.step('x', handler, { compensate: handler }).step('b', handler),
      cursor: 1,
      marks: ['done:a'],
      map: { a: 'x' },
      compensating: true,
      reasons: ['"a" may be being undone under an idempotency key that its new name would change'],
    },
    {
      title: 'when a branch that it has taken is gone',
      former: (w) => w.route('r', () => 'x', { x: handler, y: handler }).step('b', handler),
      target: (w) => w.route('choice', () => 'y', { y: handler }).step('b', handler),
      cursor: 1,
      marks: ['decided:r.x', 'done:r.x'],
      map: { r: 'choice' },
      reasons: ['node 1, "r", has no branch "x" any more, which this run has taken'],
    },
  ])('$title', ({ reasons, ...one }) => {
    expect(relocate(one).reasons).toEqual(reasons);
  });
});

/** Covers circles of children in plans of the builder. Classes, and all other mistakes: `../discovery/mistakes.spec.ts`. */
import { checkTogether, outlineOf } from '../../../lib/definition/check-together.js';
import { durable } from '../../../lib/definition/durable-workflow.js';

const parent = (name: string, ...children: string[]) =>
  children.reduce(
    (plan, child, index) => plan.childWorkflow(`c${index}`, child),
    durable(name).step('a', () => 1),
  );

const check = (...plans: ReturnType<typeof parent>[]) => checkTogether(plans.map(outlineOf));

describe('checkTogether', () => {
  it('finds nothing wrong with a child that two parents share', () => {
    expect(check(parent('a', 'b', 'c'), parent('b', 'd'), parent('c', 'd'), parent('d'))).toEqual([]);
  });

  it('reports every circle once, wherever it is entered', () => {
    expect(check(parent('entry', 'a', 'b'), parent('a', 'b'), parent('b', 'c'), parent('c', 'a', 'c'))).toEqual([
      'node "c0" of workflow "a" version 1, node "c0" of workflow "b" version 1, node "c0" of workflow "c" version 1: children start each other without end (a@1 → b@1 → c@1 → a@1): remove one of them.',
      'node "c1" of workflow "c" version 1: children start each other without end (c@1 → c@1): remove one of them.',
    ]);
  });

  it('takes the highest version of a child without one', () => {
    const first = durable('a').childWorkflow('b', 'b');
    const second = durable('a', { version: 2 }).step('a', () => 1);
    const child = durable('b').childWorkflow('a', 'a');
    expect(check(first, child)).toHaveLength(1);
    expect(check(first, second, child)).toEqual([]);
  });

  it('does not mind a chain of a thousand children', () => {
    const chain = Array.from({ length: 1000 }, (_, index) =>
      parent(`w${index}`, ...(index < 999 ? [`w${index + 1}`] : [])),
    );
    expect(check(...chain)).toEqual([]);
  });
});

/**
 * Covers the builder: what each method adds, what it refuses when it is called, and that plans do not change. Values of
 * options: `option-mistakes.spec.ts`. That decorators build the same: `../discovery/class-and-builder.spec.ts`.
 */
import { Step, Workflow } from '../../../lib/decorators/index.js';
import { defineDurable } from '../../../lib/definition/define-durable.js';
import { DurableWorkflow, durable } from '../../../lib/definition/durable-workflow.js';
import type { ForEachNode, ParallelNode, RouteNode, StepNode, WaitForAnyNode } from '../../../lib/definition/plan.js';
import { InvalidNameError, InvalidOptionError, WorkflowDefinitionError } from '../../../lib/errors/index.js';

const handler = () => 1;

describe('durable()', () => {
  it('starts an empty plan, version 1', () => {
    const workflow = durable('order');
    expect(workflow).toBeInstanceOf(DurableWorkflow);
    expect([workflow.name, workflow.version, workflow.steps, workflow.frozen]).toEqual(['order', 1, [], false]);
  });

  it.each([
    ['', {}, 'Invalid name of workflow "" "": it must not be empty.'],
    [
      'order',
      { version: 0 },
      'Invalid option version of workflow "order": got 0, expected an integer from 1 to 2147483647.',
    ],
    [
      'order',
      { schema: {} as never },
      'Invalid option schema of workflow "order": got an object, expected a Standard Schema (zod, valibot, arktype, …).',
    ],
  ])('refuses a name, version or schema that cannot be: %p %p', (name, options, message) => {
    expect(() => durable(name, options)).toThrow(message);
  });

  it('caps a name that it shows', () => {
    expect(() => durable('x'.repeat(10_000))).toThrow(InvalidNameError);
    try {
      durable('x'.repeat(10_000));
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(400);
    }
  });
});

describe('a node', () => {
  it('has what was declared, and defaults', () => {
    const backoff = () => 7;
    const [plain, full] = durable('w')
      .step('plain', handler)
      .step('full', handler, { maxAttempts: 9, backoff, timeout: '1m', transactional: true }).steps as StepNode[];
    expect(plain).toMatchObject({
      type: 'step',
      name: 'plain',
      handler,
      maxAttempts: 3,
      declared: {},
      transactional: false,
    });
    expect([1, 2, 5, 6, 60].map(plain.backoff)).toEqual([2, 4, 32, 60, 60]);
    expect(full).toMatchObject({ maxAttempts: 9, backoff, timeoutMs: 60_000, transactional: 'READ COMMITTED' });
    expect(full.declared).toEqual({ maxAttempts: 9, backoff });
  });

  it('hands its options to branches that have none of their own', () => {
    const [parallel, route] = durable('w')
      .parallel(
        'p',
        [
          { name: 'a', handler },
          { name: 'b', handler, maxAttempts: 1 },
        ],
        { maxAttempts: 5, timeout: 10 },
      )
      .route('r', () => 'a', { a: handler, b: { handler, timeout: '2s' } }, { timeout: '1s' }).steps as [
      ParallelNode,
      RouteNode,
    ];
    expect(parallel.entries.map(({ maxAttempts, timeoutMs }) => [maxAttempts, timeoutMs])).toEqual([
      [5, 10],
      [1, 10],
    ]);
    expect([route.timeoutMs, route.branches.a.timeoutMs, route.branches.b.timeoutMs]).toEqual([1000, 1000, 2000]);
  });

  it('finds no branch that was not declared', () => {
    const [route] = durable('w').route('r', () => 'a', { a: handler }).steps as [RouteNode];
    expect(route.branches['toString']).toBeUndefined();
    expect(route.branches['__proto__']).toBeUndefined();
  });

  it('of a child takes a name, a class or a plan', () => {
    @Workflow({ name: 'child', version: 4 })
    class Child {
      @Step() a() {}
    }
    const { steps } = durable('w')
      .childWorkflow('a', 'child')
      .childWorkflow('b', 'child', undefined, { version: 2 })
      .childWorkflow('c', Child)
      .childWorkflow('d', durable('child', { version: 5 }), () => 1, { parentClose: 'terminate' });
    expect(steps).toMatchObject([
      { childName: 'child', parentClose: 'cancel' },
      { childName: 'child', childVersion: 2 },
      { childName: 'child', childVersion: 4 },
      { childName: 'child', childVersion: 5, parentClose: 'terminate' },
    ]);
    expect(steps[0]).not.toHaveProperty('childVersion');
  });
});

describe('a mistake throws where it is made, and leaves the plan as it was:', () => {
  it.each<[string, (workflow: DurableWorkflow) => unknown, new (...args: never[]) => Error, string]>([
    [
      'a name twice',
      (w) => w.sleep('charge', 1),
      InvalidNameError,
      'Invalid node name in workflow "order" "charge": another node of the workflow has it; rename one of them.',
    ],
    [
      'a name that journal keys need',
      (w) => w.step('a#1', handler),
      InvalidNameError,
      'Invalid node name in workflow "order" "a#1": it must not contain ".", "#" or ":", which structure the keys of the journal.',
    ],
    [
      'a step without a handler',
      (w) => w.step('a', undefined as never),
      InvalidOptionError,
      'Invalid option handler of node "a" of workflow "order": got undefined, expected a function.',
    ],
    [
      'an empty parallel',
      (w) => w.parallel('a', []),
      InvalidOptionError,
      'Invalid option entries of node "a" of workflow "order": got none, expected at least one entry.',
    ],
    [
      'a branch twice',
      (w) =>
        w.parallel('a', [
          { name: 'b', handler },
          { name: 'b', handler },
        ]),
      InvalidNameError,
      'Invalid branch name in node "a" of workflow "order" "b": another branch of the same node has it; rename one.',
    ],
    [
      'a route without branches',
      (w) => w.route('a', () => 'b', {}),
      InvalidOptionError,
      'Invalid option branches of node "a" of workflow "order": got none, expected at least one branch (in a class: a method with @Branch("a")).',
    ],
    [
      'a bad option of a branch',
      (w) => w.route('a', () => 'b', { b: { handler, maxAttempts: 0.5 } }),
      InvalidOptionError,
      'Invalid option maxAttempts of branch "b" of node "a" of workflow "order": got 0.5, expected an integer from 1 to 10000.',
    ],
    [
      'a signal without a name',
      (w) => w.waitForSignal('a', ''),
      InvalidNameError,
      'Invalid signal name of node "a" of workflow "order" "": it must not be empty.',
    ],
    [
      'no signals',
      (w) => w.waitForAny('a', []),
      InvalidOptionError,
      'Invalid option signals of node "a" of workflow "order": got an array, expected an array of signal names.',
    ],
    [
      'a signal twice',
      (w) => w.waitForAny('a', ['x', 'x']),
      InvalidOptionError,
      'Invalid option signals of node "a" of workflow "order": got a name twice, expected every name once.',
    ],
  ])('%s', (_title, mistake, type, message) => {
    const workflow = durable('order').step('charge', handler);
    const error = thrownBy(() => mistake(workflow));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toBe(message);
    expect(workflow.steps.map(({ name }) => name)).toEqual(['charge']);
  });
});

describe('a plan', () => {
  it('cannot be changed through what it returns', () => {
    const workflow = durable('w')
      .parallel('p', [{ name: 'a', handler }])
      .route('r', () => 'a', { a: handler });
    const before = workflow.steps;
    const [parallel, route] = before as [ParallelNode, RouteNode];
    expect(() => (before as unknown[]).push(1)).toThrow(TypeError);
    expect(() => ((parallel as { name: string }).name = 'x')).toThrow(TypeError);
    expect(() => (parallel.entries as unknown[]).push(1)).toThrow(TypeError);
    expect(() => ((route.branches as Record<string, unknown>).b = 1)).toThrow(TypeError);
    expect(() => ((route.declared as { maxAttempts?: number }).maxAttempts = 1)).toThrow(TypeError);
    workflow.step('s', handler);
    expect(before).toHaveLength(2);
  });

  it('does not follow objects that its author changes later', () => {
    const options = { items: () => [], concurrency: 1 };
    const signals = ['a'];
    const until = new Date('2030-01-01T00:00:00Z');
    const { steps } = durable('w').forEach('f', handler, options).waitForAny('s', signals).sleep('z', until);
    options.concurrency = 9;
    signals.push('b');
    until.setTime(0);
    expect((steps[0] as ForEachNode).concurrency).toBe(1);
    expect((steps[1] as WaitForAnyNode).signals).toEqual(['a']);
    expect(steps[2]).toMatchObject({ duration: new Date('2030-01-01T00:00:00Z') });
  });

  it('takes nothing more once it is frozen', () => {
    const workflow = durable('w').step('a', handler).freeze().freeze();
    expect(() => workflow.step('b', handler)).toThrow(
      new WorkflowDefinitionError([
        'workflow "w" version 1 is registered, so node "b" of workflow "w" cannot be added: build the whole plan before it is registered.',
      ]),
    );
  });
});

describe('defineDurable()', () => {
  it('builds, and freezes', () => {
    const workflow = defineDurable('w', (plan) => plan.step('a', handler).sleep('b', '1s'), { version: 2 });
    expect([workflow.version, workflow.frozen, workflow.steps.length]).toEqual([2, true, 2]);
  });

  it('refuses to define nothing', () => {
    expect(() => defineDurable('w', () => undefined)).toThrow(
      'workflow "w" version 1 has no nodes: add at least one, e.g. plan.step(…).',
    );
  });
});

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

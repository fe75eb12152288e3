/** Covers the plans of classes that extend each other. Test doubles: `workflow-explorer.spec.ts`. */
import { Branch, Parallel, Route, Sleep, Step, Workflow } from '../../../lib/decorators/index.js';
import type { DurableContext } from '../../../lib/definition/durable-context.js';
import { planToJson } from '../../../lib/definition/plan-json.js';
import type { StepNode } from '../../../lib/definition/plan.js';
import { explore } from './explore.fixture.js';

const ctx = {} as DurableContext;

abstract class BaseWorkflow {
  @Step({ maxAttempts: 7 }) first(): string {
    return 'base';
  }
  @Step({ maxAttempts: 7 }) second(): string {
    return 'base';
  }
  @Sleep('1s') third!: void;
  @Route() choose() {
    return 'left';
  }
  @Branch('choose') left() {}
  @Parallel('group') one() {}
}

@Workflow('derived')
class DerivedWorkflow extends BaseWorkflow {
  @Step() own() {
    return 'derived';
  }
  override first() {
    return 'overridden';
  }
  @Step({ maxAttempts: 2 }) override second() {
    return 'redeclared';
  }
  @Branch('choose') right() {}
}

@Workflow({ name: 'derived', version: 2 })
class NextVersion extends DerivedWorkflow {
  @Step() afterwards() {}
}

async function planOf(target: typeof DerivedWorkflow) {
  const { workflows, problems } = await explore([target]);
  expect(problems).toEqual([]);
  return workflows[0];
}

describe('a class that extends another', () => {
  it('has the nodes of its base first, in their order', async () => {
    const { steps } = await planOf(DerivedWorkflow);
    expect(steps.map(({ name }) => name)).toEqual(['first', 'second', 'third', 'choose', 'group', 'own']);
  });

  it('keeps place and options of what it overrides without a decorator', async () => {
    const [first] = (await planOf(DerivedWorkflow)).steps as StepNode[];
    expect(first.maxAttempts).toBe(7);
    expect(first.handler(ctx)).toBe('overridden');
  });

  it('keeps the place and replaces the options of what it declares again', async () => {
    const [, second] = (await planOf(DerivedWorkflow)).steps as StepNode[];
    expect(second.maxAttempts).toBe(2);
    expect(second.handler(ctx)).toBe('redeclared');
  });

  it('may add branches to a route of its base', async () => {
    const choose = planToJson(await planOf(DerivedWorkflow)).nodes[3];
    expect(choose).toMatchObject({ kind: 'route', branches: [{ name: 'left' }, { name: 'right' }] });
  });

  it('leaves the plan of its base as it was, and lives beside it', async () => {
    const { workflows, problems } = await explore([DerivedWorkflow, NextVersion]);
    expect(problems).toEqual([]);
    expect(workflows.map(({ version, steps }) => [version, steps.length])).toEqual([
      [1, 6],
      [2, 7],
    ]);
  });

  it('joins a group of its base only where the group still stands last', async () => {
    @Workflow('w')
    class Joins extends BaseWorkflow {
      @Parallel('group') two() {}
    }
    @Workflow('w')
    class TooLate extends DerivedWorkflow {
      @Parallel('group') two() {}
    }
    expect((await explore([Joins])).problems).toEqual([]);
    expect((await explore([TooLate])).problems).toEqual([
      'TooLate.two: the group "group" began at TooLate.one, and another node stands between: move the methods of a group together, or name another group.',
    ]);
  });
});

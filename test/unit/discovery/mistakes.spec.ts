/**
 * Covers what discovery says of mistakes in one class and between classes: each one once, all at once, with class, member
 * and fix. Mistakes in how classes are provided: `workflow-explorer.spec.ts`. Values of options: `option-mistakes.spec.ts`
 * in `../definition`.
 */
import 'reflect-metadata';
import type { Provider } from '@nestjs/common';
import {
  Branch,
  ChildWorkflow,
  ForEach,
  Loop,
  Parallel,
  Route,
  Sleep,
  Step,
  WaitForAny,
  WaitForSignal,
  Workflow,
} from '../../../lib/decorators/index.js';
import { durable } from '../../../lib/definition/durable-workflow.js';
import { explore } from './explore.fixture.js';

/** Decorators as JavaScript sees them: what their types refuse can still be written. */
const untyped = (decorator: unknown) => decorator as (...args: unknown[]) => void;

const problemsOf = async (...providers: Provider[]) => (await explore(providers)).problems;

@Workflow('five')
class FiveMistakes {
  @Step({ maxAttempts: 0 }) charge() {}
  @Step({ compensate: 'unreserve' }) reserve() {}
  @Route() shipping() {
    return 'none';
  }
  @Branch('delivery') courier() {}
  @Step({ name: 'charge' }) chargeAgain() {}
}

it('lists five different mistakes of one class as five', async () => {
  expect(await problemsOf(FiveMistakes)).toEqual([
    'Invalid option maxAttempts of FiveMistakes.charge: got 0, expected an integer from 1 to 10000.',
    'Invalid option branches of FiveMistakes.shipping: got none, expected at least one branch (in a class: a method with @Branch("shipping")).',
    'FiveMistakes.reserve: there is no method "unreserve" to compensate it with: did you mean "reserve"?',
    'FiveMistakes.courier: FiveMistakes has no @Route "delivery" for this @Branch: add a method with @Route(), or correct the name (it has shipping).',
    'FiveMistakes.charge and FiveMistakes.chargeAgain are both named "charge": results are stored by name, so give each a name of its own.',
  ]);
});

describe('a member', () => {
  const KEY = Symbol('hidden');

  @Workflow('w')
  class SymbolKey {
    @untyped(Step()) [KEY]() {}
  }
  @Workflow('w')
  class StaticMethod {
    @Step() static charge() {}
  }
  @Workflow('w')
  class Getter {
    @untyped(Step()) get charge() {
      return 1;
    }
  }
  @Workflow('w')
  class StepProperty {
    @untyped(Step()) charge!: string;
  }
  @Workflow('w')
  class TwoDecorators {
    @Step() @Sleep() charge() {}
  }
  @Workflow('w')
  class AnyOnMethod {
    @untyped(WaitForAny(['a'])) decision() {}
  }
  @Workflow('w')
  class SleepForNothing {
    @Sleep() rest!: void;
  }
  @Workflow('w')
  class SleepTwice {
    @Sleep('1s') rest() {
      return '2s';
    }
  }
  @Workflow('w')
  class SignalTwice {
    @WaitForSignal('a') approval() {
      return 'b';
    }
  }

  it.each<[unknown, string]>([
    [SymbolKey, 'SymbolKey.Symbol(hidden): @Step cannot stand on a symbol: runs are stored by name, so use a string.'],
    [
      StaticMethod,
      "StaticMethod.charge: @Step cannot stand on a static member: steps run on the provider's instance, so remove static.",
    ],
    [Getter, 'Getter.charge: @Step cannot stand on a getter or setter: make it a method.'],
    [StepProperty, 'StepProperty.charge: @Step stands on methods only: make it a method.'],
    [
      TwoDecorators,
      'TwoDecorators.charge: @Step and @Sleep cannot stand on one member, which is one node: keep one of them.',
    ],
    [AnyOnMethod, 'AnyOnMethod.decision: @WaitForAny stands on properties only: make it a property.'],
    [
      SleepForNothing,
      "SleepForNothing.rest: @Sleep on a property needs a duration: @Sleep('7d'), or a method that returns one.",
    ],
    [
      SleepTwice,
      'SleepTwice.rest: @Sleep with a duration stands on a property, without one on a method that returns it: choose one.',
    ],
    [
      SignalTwice,
      'SignalTwice.approval: @WaitForSignal with a name stands on a property, without one on a method that returns it: choose one.',
    ],
  ])('in a place where it cannot be: %p', async (target, problem) => {
    expect(await problemsOf(target as Provider)).toEqual([problem]);
  });
});

describe('a group or a route', () => {
  @Workflow('w')
  class Scattered {
    @Parallel('notify') email() {}
    @Step() charge() {}
    @Parallel('notify') sms() {}
  }
  @Workflow('w')
  class GroupLikeStep {
    @Step() notify() {}
    @Parallel('notify') email() {}
  }
  @Workflow('w')
  class SameBranches {
    @Parallel('notify') email() {}
    @Parallel('notify', { name: 'email' }) sms() {}
  }
  @Workflow('w')
  class NoBranch {
    @Route() shipping() {
      return 'post';
    }
  }
  @Workflow('w')
  class Misspelt {
    @Route() shipping() {
      return 'post';
    }
    @Branch('shipping') post() {}
    @Branch('shiping') courier() {}
  }
  @Workflow('w')
  class BadGroup {
    @Parallel('a.b') email() {}
  }

  it.each<[unknown, string]>([
    [
      Scattered,
      'Scattered.sms: the group "notify" began at Scattered.email, and another node stands between: move the methods of a group together, or name another group.',
    ],
    [
      GroupLikeStep,
      'GroupLikeStep.notify and @Parallel("notify") of GroupLikeStep.email are both named "notify": results are stored by name, so give each a name of its own.',
    ],
    [
      SameBranches,
      'Invalid branch name of SameBranches.sms "email": another branch of the same node has it; rename one.',
    ],
    [
      NoBranch,
      'Invalid option branches of NoBranch.shipping: got none, expected at least one branch (in a class: a method with @Branch("shipping")).',
    ],
    [Misspelt, 'Misspelt.courier: Misspelt has no @Route "shiping" for this @Branch: did you mean "shipping"?'],
    [
      BadGroup,
      'Invalid group name of BadGroup.email "a.b": it must not contain ".", "#" or ":", which structure the keys of the journal.',
    ],
  ])('that does not hold together: %p', async (target, problem) => {
    expect(await problemsOf(target as Provider)).toEqual([problem]);
  });
});

describe('a class', () => {
  class Undeclared {
    @Step() charge() {}
  }
  @Workflow('empty')
  class Empty {
    charge() {}
  }
  @Workflow({ name: '', version: 1.5 })
  class BadIdentity {
    @Step() charge() {}
  }
  @Workflow('w')
  class BadOptions {
    @Step({ name: 'a:b', ...{ maxRetries: 3 } }) charge() {}
    @ForEach({ items: untyped('lines') as never, concurrency: 0 }) pack(_line: string) {}
    @Loop({} as never) import(_cursor: string) {}
  }

  it('with nodes but without @Workflow', async () => {
    expect(await problemsOf(Undeclared)).toEqual([
      'Undeclared has decorated nodes but no @Workflow: add @Workflow, or take the class out of the providers if others extend it.',
    ]);
  });

  it('without nodes', async () => {
    expect(await problemsOf(Empty)).toEqual([
      'Empty is a @Workflow without nodes: decorate at least one of its methods, e.g. with @Step().',
    ]);
  });

  it('with a name and a version that cannot be', async () => {
    expect(await problemsOf(BadIdentity)).toEqual([
      'Invalid name of workflow BadIdentity "": it must not be empty.',
      'Invalid option version of workflow BadIdentity: got 1.5, expected an integer from 1 to 2147483647.',
    ]);
  });

  it('with several bad options, even on one member', async () => {
    expect(await problemsOf(BadOptions)).toEqual([
      'Invalid node name of BadOptions.charge "a:b": it must not contain ".", "#" or ":", which structure the keys of the journal.',
      'Unknown option maxRetries of BadOptions.charge. The options here are: maxAttempts, backoff, timeout, retryIf, compensate, transactional.',
      'Invalid option items of BadOptions.pack: got "lines", expected a function.',
      'Invalid option concurrency of BadOptions.pack: got 0, expected an integer from 1 to 2147483647.',
      'Invalid option maxIterations of BadOptions.import: got undefined, expected an integer from 1 to 2147483647.',
    ]);
  });
});

describe('workflows together', () => {
  @Workflow('order')
  class Order {
    @Step() charge() {}
  }
  @Workflow('order')
  class OrderCopy {
    @Step() charge() {}
  }
  @Workflow({ name: 'order', version: 2 })
  class Order2 {
    @Step() charge() {}
  }
  @Workflow('parent')
  class Orphan {
    @ChildWorkflow('ordr') order!: unknown;
    @ChildWorkflow('order', { version: 7 }) seventh!: unknown;
    @ChildWorkflow(untyped(undefined) as never) circular!: unknown;
    @ChildWorkflow(FiveMistakes, { version: 2 }) five!: unknown;
  }
  @Workflow('ping')
  class Ping {
    @ChildWorkflow(() => Pong) pong!: unknown;
  }
  @Workflow('pong')
  class Pong {
    @ChildWorkflow('ping') ping!: unknown;
  }
  @Workflow('self')
  class Self {
    @ChildWorkflow('self') again!: unknown;
  }

  it('of which two have one name and version', async () => {
    expect(await problemsOf(Order, OrderCopy)).toEqual([
      'Order and OrderCopy have the same name and version ("order" version 1): give each one of its own.',
    ]);
    expect(await problemsOf(Order, Order2)).toEqual([]);
  });

  it('of which one has children that do not exist', async () => {
    expect(await problemsOf(Orphan, Order, Order2)).toEqual([
      'Invalid option child of Orphan.circular: got undefined, expected the name of a workflow, a class with @Workflow, or a builder; files that import each other need () => TheClass.',
      'Invalid option version of Orphan.five: got 2, expected 1, the version of the given workflow, or none.',
      'Orphan.order: its child "ordr" is not registered in this process: add its class to the providers of a module, or correct the name.',
      'Orphan.seventh: its child "order" has no version 7 (it has 1, 2): register that version, or choose another.',
      'Orphan.five: its child "five" is not registered in this process: add its class to the providers of a module, or correct the name.',
    ]);
  });

  it('of which one is started by a class that is no workflow', async () => {
    class NoWorkflow {}
    @Workflow('parent')
    class Parent {
      @ChildWorkflow(NoWorkflow) child!: unknown;
    }
    expect(await problemsOf(Parent)).toEqual([
      'Invalid option child of Parent.child: got NoWorkflow, expected the name of a workflow, a class with @Workflow, or a builder; the class has no @Workflow, so add it.',
    ]);
  });

  it('of which two start each other, or one itself', async () => {
    expect(await problemsOf(Ping, Pong, Self)).toEqual([
      'Ping.pong, Pong.ping: children start each other without end (ping@1 → pong@1 → ping@1): remove one of them.',
      'Self.again: children start each other without end (self@1 → self@1): remove one of them.',
    ]);
  });

  it('knows the plans of the builder that are registered already', async () => {
    @Workflow('parent')
    class Parent {
      @ChildWorkflow('built') child!: unknown;
    }
    const built = durable('built').step('a', () => 1);
    expect(await explore([Parent], { registered: [built] })).toMatchObject({
      problems: [],
      workflows: [{ name: 'parent' }],
    });
  });
});
